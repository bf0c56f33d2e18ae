import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { refinedCodec } from '@claimlog/codecs'
import { findDeparture, type State } from '../state/state.ts'
import { commandCodec, decisionTime, eventMetadata } from './command.ts'
import { appendDecision, type DecisionResult, unchanged } from './decision.ts'

/** The user and the password in a URL. */
const passwordPattern = /^[^/]*:\/\/[^/@]*:[^/]*@/

const targetPattern = /^(?:\/|[a-z][a-z0-9+.-]*:\/\/)/

const MoveTarget = refinedCodec(
  'move target',
  'the URL of a log, without a password, or an absolute directory',
  { description: 'the URL of a log, without a password, or an absolute directory', type: 'string' },
  (u): u is string => typeof u === 'string' && targetPattern.test(u) && !passwordPattern.test(u) && u.length <= 4096,
)

const LogId = refinedCodec(
  'log id',
  'a UUID',
  { description: 'the id of a log that machines share, a UUID', type: 'string', format: 'uuid' },
  (u): u is string => typeof u === 'string' && /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(u),
)

/** Ends this log: it continues at `target`, in the log with the id `logId`; undefined: in a file. */
export const MoveLog = commandCodec('move', { target: MoveTarget }, { log_id: LogId })
export type MoveLog = t.TypeOf<typeof MoveLog>

/**
 * Appends the last event of this log. A log in a file has no id by which it could be distinguished from another file, so
 * it is not moved to one. A repeated move to the same log changes nothing: to the same id, even if its URL names another
 * user, or to the same directory.
 */
export const moveLog = (command: MoveLog, state: State): DecisionResult => {
  const { target, logId } = command
  const departure = findDeparture(state)
  if (departure !== undefined)
    return departure.logId === logId && (logId !== undefined || departure.target === target)
      ? E.right(unchanged(departure.seq))
      : E.left({ error: 'workspace_moved', target: departure.target })
  if (logId === state.logId)
    return E.left({
      error: 'bad_input',
      detail:
        logId === undefined
          ? 'a log in a file moves to another directory with that directory: use mv'
          : 'this is the log to move to: it would have the same id',
    })
  const metadata = eventMetadata(command, decisionTime(state, command))
  const seq = state.seq + 1
  return E.right(appendDecision([{ seq, event: 'moved', target, logId, ...metadata }], [], seq))
}
