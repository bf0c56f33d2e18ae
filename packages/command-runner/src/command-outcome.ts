import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Json } from '@claimlog/codecs'
import type { WorkerFailed } from '@claimlog/messages'
import type { WorkOutcome } from '@claimlog/worker'
import type { CommandExit } from './running-command.ts'

/** `EX_TEMPFAIL` of sysexits.h: try again later. */
const temporaryFailure = 75

/** The output and the result of a command that has exited. */
export type ExitArtifacts = {
  /** The tail of its stderr; `''` if it printed nothing. */
  readonly stderrTail: string
  /** Reads its result; called only if the command succeeded. */
  readonly result: TE.TaskEither<string | WorkerFailed, Json | undefined>
}

/**
 * Maps an exit status to an outcome: 0 completes the task, 75 releases it, anything else fails it. A command killed by
 * a real-time signal (34 to 64) counts as completed: Node has no names for those signals and reports neither status nor
 * signal.
 */
export const commandOutcome = async (
  { status, signal }: CommandExit,
  { stderrTail, result }: ExitArtifacts,
): Promise<WorkOutcome> => {
  if (signal !== null) return { outcome: 'failed', error: appendTail(`killed by ${signal}`, stderrTail) }
  if (status === temporaryFailure)
    return stderrTail === '' ? { outcome: 'released' } : { outcome: 'released', reason: stderrTail }
  if (status !== 0) return { outcome: 'failed', error: appendTail(`exit ${status}`, stderrTail) }
  return pipe(await result(), E.match(invalidResult, completedOutcome))
}

const invalidResult = (reason: string | WorkerFailed): WorkOutcome =>
  typeof reason === 'string' ? { outcome: 'failed', error: reason } : { outcome: 'worker_failed', failure: reason }

const completedOutcome = (result: Json | undefined): WorkOutcome =>
  result === undefined ? { outcome: 'completed' } : { outcome: 'completed', result }

const appendTail = (message: string, stderrTail: string): string =>
  stderrTail === '' ? message : `${message}: ${stderrTail}`
