import type { Refusal } from '@claimlog/domain'
import type { LogFailure } from '@claimlog/event-log'
import type { NetworkFileSystem } from '@claimlog/event-log-file'
import { exitCodes } from './exit-codes.ts'
import { failureWords } from './failure-words.ts'
import { refusalWords } from './refusal-words.ts'
import type { Words } from './words.ts'

/** What only the command line can find wrong. */
type UsageProblem =
  | { readonly usage: 'usage'; readonly detail: string; readonly mend: string }
  | { readonly usage: 'bad_input'; readonly detail: string; readonly mend: string }
  | { readonly usage: 'no_workspace'; readonly searched: string }
  | { readonly usage: 'queue_differs' | 'checkpoint_differs'; readonly detail: string }
  | { readonly usage: 'queue_not_written'; readonly path: string }

export type CliError = Refusal | LogFailure | NetworkFileSystem | UsageProblem

/** An error as users meet it. */
export type Problem = Words & { readonly exitCode: number }

export const problemOf = (error: CliError): Problem => {
  const words = wordsOf(error)
  return { ...words, exitCode: exitCodes[words.error] }
}

const wordsOf = (error: CliError): Words => {
  if ('error' in error) return refusalWords(error)
  if ('failure' in error) return failureWords(error)
  switch (error.usage) {
    case 'usage':
      return { error: 'usage', message: error.detail, hint: error.mend }
    case 'bad_input':
      return { error: 'bad_input', message: error.detail, hint: error.mend }
    case 'no_workspace':
      return {
        error: 'no_workspace',
        message: `there is no claimlog workspace ${error.searched}`,
        hint: 'claimlog init makes one in this directory; --dir DIR or CLAIMLOG_DIR name another',
      }
    case 'queue_not_written':
      return {
        error: 'io_failed',
        message: `${error.path} could not be written`,
        hint: 'make room or ask whoever owns the directory, then replay again; events.jsonl is as it was',
        data: { path: error.path },
      }
    case 'queue_differs':
      return {
        error: 'queue_differs',
        message: `queue.json is not what events.jsonl says: ${error.detail}`,
        hint: 'claimlog replay writes it anew from events.jsonl',
      }
    case 'checkpoint_differs':
      return {
        error: 'checkpoint_differs',
        message: `the state that is kept is not what events.jsonl says: ${error.detail}`,
        hint: 'delete derived/, where it is made again; please report it, with a copy of derived/',
      }
  }
}
