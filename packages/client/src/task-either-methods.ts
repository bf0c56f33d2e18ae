import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { closed, type Closed, type LifeCycle } from '@claimlog/event-log'
import {
  type Aborted,
  type CommandResult,
  toClaimedTask,
  type ClaimInput,
  claimWhenReady,
  type CommandInput,
  type QueryResult,
  orAborted,
  type Queries,
  waitForTasks,
  type WaitLimits,
  waitUntilEmpty,
  type Workspace,
} from '@claimlog/workspace'
import type { QueueFailure } from '@claimlog/messages'
import type { RulesResult, TaskWithClaim } from '@claimlog/wire'
import type {
  CallOptions,
  ClaimOptions,
  QueryOptions,
  QueueMethods,
  ReasonOptions,
  WaitOptions,
} from './queue-methods.ts'
import type { ClaimResult, EndClaimResult, TaskResult, WaitProgress } from './typed-tasks.ts'
import { abortOnClose } from './closing-signal.ts'

type ToResult<A> = (result: CommandResult) => A

/**
 * Builds the methods of a workspace as task-eithers, while `life` is open. All other interfaces are built from these.
 */
export const taskEitherMethods = (workspace: Workspace, life: LifeCycle): LocalMethods => {
  // Every command runs through this function: TE.map would create two more promises, and a spread of two objects takes
  // 1.3 µs, forty times as long as adding the metadata to an object that was created for this call.
  const runCommand =
    <A>(input: CommandInput, options: CallOptions | undefined, toResult: ToResult<A>): QueueResult<A> =>
    async () => {
      if (!life.isOpen()) return closed
      const result = await workspace.run(Object.assign(input, commandMetadata(options)), options?.signal)()
      return E.isLeft(result) ? result : E.right(toResult(result.right))
    }
  const taskCommand = (command: 'hold' | 'unhold' | 'cancel' | 'retry') => (taskId: string, options?: ReasonOptions) =>
    runCommand({ command, taskId, reason: options?.reason }, options, toTaskResult)
  const kindCommand = (command: 'pause' | 'resume') => (kind: string, options?: ReasonOptions) =>
    runCommand({ command, kind, reason: options?.reason }, options, toRulesResult)
  const wait = <L extends object, A>(
    options: WaitOptions | undefined,
    start: (limits: WaitLimits) => TE.TaskEither<L | Aborted, A>,
  ): TE.TaskEither<L | Aborted | Closed, A> =>
    abortOnClose(life, options?.signal, signal =>
      start({ waitMs: options?.wait === true ? undefined : options?.wait, signal }),
    )
  const claim = <A>(options: ClaimOptions & { readonly count?: number }, toResult: ToResult<A>): QueueResult<A> => {
    const input = claimInput(options)
    if (options.wait === undefined) return runCommand(input, options, toResult)
    const claimResult = wait(options, limits =>
      claimWhenReady(workspace, { ...input, ...commandMetadata(options) }, limits),
    )
    return async () => E.map(toResult)(await claimResult())
  }

  const runQuery = <A>(
    options: QueryOptions | undefined,
    select: (queries: Queries) => QueryResult<A>,
  ): QueueResult<A> =>
    runAbortable(life, select(options?.at === undefined ? workspace : workspace.at(options.at)), options?.signal)

  return {
    add: (task, options) =>
      runCommand({ command: 'add', tasks: [task], delayMs: options?.delayMs }, options, toTaskResult),
    addMany: (tasks, options) =>
      runCommand({ command: 'add', tasks, delayMs: options?.delayMs }, options, toAddedTasks),
    claim: options => claim(options, toClaimResult),
    claimMany: options => claim(options, ({ tasks, seq }) => ({ tasks: tasks.map(toClaimedTask), seq })),
    complete: ({ worker, taskId, token, result, claimNext, ...options }) =>
      runCommand({ command: 'complete', worker, taskId, token, result, claimNext }, options, toEndClaimResult),
    fail: options => runCommand(failInput(options), options, toEndClaimResult),
    release: ({ worker, taskId, token, reason, ...options }) =>
      runCommand({ command: 'release', worker, taskId, token, reason }, options, toTaskResult),
    renew: ({ worker, taskId, token, leaseMs, progress, ...options }) =>
      runCommand({ command: 'renew', worker, taskId, token, leaseMs, progress }, options, toTaskResult),
    hold: taskCommand('hold'),
    unhold: taskCommand('unhold'),
    cancel: taskCommand('cancel'),
    retry: taskCommand('retry'),
    amend: (taskId, changes, options) => runCommand({ ...changes, command: 'amend', taskId }, options, toTaskResult),
    note: (taskId, text, options) => runCommand({ command: 'note', taskId, text }, options, toTaskResult),
    pause: kindCommand('pause'),
    resume: kindCommand('resume'),
    limit: (kind, limit, options) => runCommand({ command: 'limit', kind, limit }, options, toRulesResult),
    list: (query, options) => runQuery(options, queries => queries.list(query)),
    show: (taskId, options) => runQuery(options, queries => queries.show(taskId)),
    status: options => runQuery(options, queries => queries.status),
    why: (taskId, options) => runQuery(options, queries => queries.why(taskId)),
    trace: (taskId, options) => runAbortable(life, workspace.trace(taskId), options?.signal),
    diff: (from, to, options) => runAbortable(life, workspace.diff(from, to), options?.signal),
    waitFor: (taskIds, options) =>
      wait(options, limits => waitForTasks(workspace, taskIds, limits, options?.onProgress)),
    waitUntilEmpty: (kinds = [], options) => wait(options, limits => waitUntilEmpty(workspace, kinds, limits)),
  }
}

/** The methods of the library, with options for our own tools. */
export interface LocalMethods extends Omit<QueueMethods<'task-either'>, 'waitFor'> {
  /** Like the method of the library; `onProgress` is called with the tasks after each query. */
  readonly waitFor: (
    taskIds: ReadonlyArray<string>,
    options?: WaitOptions & { readonly onProgress?: (progress: WaitProgress) => void },
  ) => TE.TaskEither<QueueFailure, WaitProgress>
}

/** The defaults for the tasks of a new workspace. */
export type WorkspaceDefaults = Pick<Extract<CommandInput, { command: 'open' }>, 'leaseMs' | 'maxAttempts' | 'backoff'>

/** Creates the workspace; an existing one is unchanged. */
export const createWorkspace = (
  { run }: Pick<Workspace, 'run'>,
  { leaseMs, maxAttempts, backoff }: WorkspaceDefaults,
  options?: CallOptions,
): QueueResult<CommandResult> =>
  run(
    {
      ...{ command: 'open', workspace: globalThis.crypto.randomUUID(), leaseMs, maxAttempts, backoff },
      ...commandMetadata(options),
    },
    options?.signal,
  )

type QueueResult<A> = TE.TaskEither<QueueFailure, A>

/** Runs a query that can be aborted at any time, as it decides nothing. */
const runAbortable =
  <A>(life: LifeCycle, query: QueryResult<A>, signal: AbortSignal | undefined): QueueResult<A> =>
  async () => {
    if (!life.isOpen()) return closed
    return signal === undefined ? query() : orAborted(signal, () => query)()
  }

/** The author and the request id of a command. */
export const commandMetadata = (options: CallOptions | undefined): Pick<CallOptions, 'by' | 'requestId'> => ({
  by: options?.by,
  requestId: options?.requestId,
})

const claimInput = ({
  worker,
  kinds = [],
  taskId,
  count,
  leaseMs,
  expectSeq,
}: ClaimOptions & { count?: number }): ClaimInput => ({
  command: 'claim',
  worker,
  kinds,
  taskId,
  count,
  leaseMs,
  expectSeq,
})

const failInput = ({
  worker,
  taskId,
  token,
  error,
  stack,
  retryInMs,
  claimNext,
}: Parameters<LocalMethods['fail']>[0]): CommandInput => ({
  command: 'fail',
  worker,
  taskId,
  token,
  error,
  stack,
  retryInMs,
  claimNext,
})

const toTaskResult = ({ tasks, seq }: CommandResult): TaskResult => {
  const [first] = tasks
  if (first === undefined) throw new Error('the result of a command for one task must have a task')
  const { task, claim } = first
  return claim === undefined ? { task, seq } : { task, claim, seq }
}

const toAddedTasks = ({ tasks, seq }: CommandResult) => ({ tasks: tasks.map(({ task }) => task), seq })

const toClaimResult = ({ tasks, seq }: CommandResult): ClaimResult => {
  const { task, claim } = toClaimedTask(tasks[0] as TaskWithClaim)
  return { task, claim, seq }
}

const toEndClaimResult = (result: CommandResult): EndClaimResult => {
  const taskResult = toTaskResult(result)
  const { next, noNext } = result
  if (next !== undefined) return { ...taskResult, next: toClaimedTask(next) }
  return noNext === undefined ? taskResult : { ...taskResult, noNext }
}

const toRulesResult = ({ rules, seq }: CommandResult): RulesResult => {
  if (rules === undefined) throw new Error('the result of a command for a kind must have its rules')
  return { rules, seq }
}
