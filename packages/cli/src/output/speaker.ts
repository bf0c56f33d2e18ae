import * as E from 'fp-ts/lib/Either.js'
import { examples } from '../help/examples.ts'
import type { CliError } from '../problem.ts'

/** Who speaks of which claim. */
export type Speaker = { readonly worker: string; readonly taskId: string; readonly token?: number }

/**
 * Whoever `words` name as worker and task. A command that `claimlog work` runs need not say: its environment does, with the
 * token, unless that is given.
 */
export const speakerOf = (
  command: keyof typeof examples,
  [worker, taskId]: readonly [string | undefined, string | undefined],
  token: number | undefined,
): E.Either<CliError, Speaker> => {
  if (worker !== undefined && taskId !== undefined) return E.right({ worker, taskId, token })
  const { CLAIMLOG_WORKER, CLAIMLOG_TASK_ID, CLAIMLOG_TOKEN } = process.env
  if (worker === undefined && CLAIMLOG_WORKER !== undefined && CLAIMLOG_TASK_ID !== undefined) {
    const given = token ?? (CLAIMLOG_TOKEN === undefined ? undefined : Number(CLAIMLOG_TOKEN))
    return E.right({ worker: CLAIMLOG_WORKER, taskId: CLAIMLOG_TASK_ID, token: given })
  }
  const [example = ''] = (examples[command] ?? '').trim().split('\n')
  return E.left({
    usage: 'usage',
    detail: `missing required argument '${worker === undefined ? 'worker' : 'task_id'}'`,
    mend: `for example: ${example}; claimlog ${command} --help tells more`,
  })
}

/** How help says what stands in for a worker or a task that is not named. */
export const ownTask = (what: string, variable: string): string => `${what} (default: $${variable})`
