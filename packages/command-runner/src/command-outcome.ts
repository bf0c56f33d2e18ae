import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Json } from '@claimlog/codecs'
import type { WorkerFailed } from '@claimlog/messages'
import type { WorkOutcome } from '@claimlog/worker'
import type { Ending } from './running-command.ts'

/** `EX_TEMPFAIL` of sysexits.h: try again later. */
const temporaryFailure = 75

/** The output and the result of a command that has exited. */
export type Remains = {
  /** The tail of its stderr; `''` if it printed nothing. */
  readonly stderrEnd: string
  /** Reads its result; called only if the command succeeded. */
  readonly result: TE.TaskEither<string | WorkerFailed, Json | undefined>
}

/**
 * Maps an exit status to an outcome: 0 completes the task, 75 releases it, anything else fails it. A command killed by
 * a real-time signal (34 to 64) counts as completed: Node has no names for those signals and reports neither status nor
 * signal.
 */
export const outcomeOf = async ({ status, signal }: Ending, { stderrEnd, result }: Remains): Promise<WorkOutcome> => {
  if (signal !== null) return { outcome: 'failed', error: withEnd(`killed by ${signal}`, stderrEnd) }
  if (status === temporaryFailure)
    return stderrEnd === '' ? { outcome: 'released' } : { outcome: 'released', reason: stderrEnd }
  if (status !== 0) return { outcome: 'failed', error: withEnd(`exit ${status}`, stderrEnd) }
  return pipe(await result(), E.match(withoutResult, completed))
}

const withoutResult = (why: string | WorkerFailed): WorkOutcome =>
  typeof why === 'string' ? { outcome: 'failed', error: why } : { outcome: 'worker_failed', failure: why }

const completed = (result: Json | undefined): WorkOutcome =>
  result === undefined ? { outcome: 'completed' } : { outcome: 'completed', result }

const withEnd = (what: string, stderrEnd: string): string => (stderrEnd === '' ? what : `${what}: ${stderrEnd}`)
