import * as E from 'fp-ts/lib/Either.js'
import { examples } from '../help/examples.ts'
import type { CliError } from '../cli-error.ts'

/** A claim as named on the command line. */
export type ClaimArguments = { readonly worker: string; readonly taskId: string; readonly token?: number }

/**
 * The worker and the task given as arguments or, within a command run by `claimlog work`, by the environment; then the token
 * also defaults to that of the environment.
 */
export const parseClaimArguments = (
  command: keyof typeof examples,
  [worker, taskId]: readonly [string | undefined, string | undefined],
  token: number | undefined,
): E.Either<CliError, ClaimArguments> => {
  if (worker !== undefined && taskId !== undefined) return E.right({ worker, taskId, token })
  const { CLAIMLOG_WORKER, CLAIMLOG_TASK_ID, CLAIMLOG_TOKEN } = process.env
  if (worker === undefined && CLAIMLOG_WORKER !== undefined && CLAIMLOG_TASK_ID !== undefined) {
    const claimToken = token ?? (CLAIMLOG_TOKEN === undefined ? undefined : Number(CLAIMLOG_TOKEN))
    return E.right({ worker: CLAIMLOG_WORKER, taskId: CLAIMLOG_TASK_ID, token: claimToken })
  }
  const [example = ''] = (examples[command] ?? '').trim().split('\n')
  return E.left({
    usage: 'usage',
    detail: `missing required argument '${worker === undefined ? 'worker' : 'task_id'}'`,
    hint: `for example: ${example}; see claimlog ${command} --help`,
  })
}

/** The description of an argument that defaults to a variable. */
export const describeDefault = (description: string, variable: string): string =>
  `${description} (default: $${variable})`
