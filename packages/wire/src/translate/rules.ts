import { type Kind, kindRules, type KindRules, type LogClock, toWallTime, type State } from '@claimlog/domain'
import { omitUndefined } from '@claimlog/codecs'
import type { RulesView } from '../documents/rules.ts'

/** The rules of a kind, with times on the wall clock of the state. */
export const rulesView = (state: State, kind: Kind): RulesView =>
  rulesDocument(kind, kindRules(state, kind), state.clock)

/** The rules of a kind, with times on the wall clock of `clock`. */
export const rulesDocument = (kind: Kind, { paused, limit }: KindRules, clock: LogClock): RulesView =>
  omitUndefined({
    kind,
    paused:
      paused === undefined
        ? undefined
        : omitUndefined({
            since: toWallTime(paused.time, clock),
            seq: paused.seq,
            reason: paused.reason,
            by: paused.by,
          }),
    limit: limit?.claims,
  })
