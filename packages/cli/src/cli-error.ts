import {
  type Failure,
  failureMessage,
  type Refusal,
  refusalMessage,
  shellQuote,
  type TaskId,
  type ErrorMessage,
} from '@claimlog/client/unstable-internals'
import { type CliErrorCode, exitCodes, type SetupFile, type TaskView } from '@claimlog/wire'

/** Errors that only the command line reports. */
type UsageError =
  | { readonly usage: 'usage'; readonly detail: string; readonly hint: string }
  | { readonly usage: 'bad_input'; readonly detail: string; readonly hint: string }
  | { readonly usage: 'queue_differs' | 'checkpoint_differs'; readonly detail: string }
  | { readonly usage: 'queue_not_written'; readonly path: string }
  | { readonly usage: 'file_not_written'; readonly path: string; readonly detail: string }
  /** Files that `setup` writes for an agent are missing or differ. */
  | {
      readonly usage: 'not_set_up'
      readonly agent: string
      readonly title: string
      readonly files: ReadonlyArray<Omit<SetupFile, 'content'>>
    }
  /** The awaited tasks are finished, but not all are done; `taskId` is the first that is not. */
  | {
      readonly usage: 'task_failed' | 'task_cancelled'
      readonly taskId: TaskId
      readonly tasks: ReadonlyArray<TaskView>
    }

export type CliError = Refusal | Failure | UsageError

/** An error as it is shown to users. */
export type ShownError = ErrorMessage<CliErrorCode> & { readonly exitCode: number }

export const toShownError = (error: CliError): ShownError => {
  const message = toErrorMessage(error)
  return { ...message, exitCode: exitCodes[message.error] }
}

const toErrorMessage = (error: CliError): ErrorMessage<CliErrorCode> => {
  if ('error' in error) return refusalMessage(error)
  if ('failure' in error) return failureMessage(error)
  switch (error.usage) {
    case 'usage':
      return { error: 'usage', message: error.detail, hint: error.hint }
    case 'bad_input':
      return { error: 'bad_input', message: error.detail, hint: error.hint }
    case 'queue_not_written':
      return {
        error: 'io_failed',
        message: `${error.path} could not be written`,
        hint: 'free disk space or fix the permissions of the directory, then run claimlog replay again; events.jsonl is unchanged',
        data: { path: error.path },
      }
    case 'file_not_written':
      return {
        error: 'io_failed',
        message: `${error.path} could not be written: ${error.detail}`,
        hint: 'free disk space or fix its permissions, then run the command again',
        data: { path: error.path },
      }
    case 'not_set_up': {
      const missing = error.files.filter(({ state }) => state !== 'unchanged')
      const message = missing.map(({ path, state }) => `${path} ${state === 'created' ? 'is missing' : 'differs'}`)
      return {
        error: 'not_set_up',
        message: `${error.title} is not set up here: ${message.join(', ')}`,
        hint: `claimlog setup ${error.agent} writes what is missing; --print shows it first`,
        data: { agent: error.agent, files: error.files },
      }
    }
    case 'queue_differs':
      return {
        error: 'queue_differs',
        message: `queue.json does not match events.jsonl: ${error.detail}`,
        hint: 'claimlog replay rebuilds it from events.jsonl',
      }
    case 'checkpoint_differs':
      return {
        error: 'checkpoint_differs',
        message: `the checkpoint differs from the log: ${error.detail}`,
        hint: 'this is a bug in claimlog: copy derived/ for the report, then delete it; it is rebuilt from the log',
      }
    case 'task_failed':
    case 'task_cancelled': {
      const { taskId, tasks } = error
      const others = tasks.filter(({ status }) => status !== 'done').length - 1
      return {
        error: error.usage,
        message: `${taskId} ${error.usage === 'task_failed' ? 'has failed' : 'was cancelled'}${others > 0 ? `, and ${others} more ${others === 1 ? 'is' : 'are'} not done` : ''}`,
        hint: `claimlog trace ${shellQuote(taskId)} shows what happened`,
        data: { taskId, tasks },
      }
    }
  }
}
