import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { nullable } from '@claimlog/codecs'
import { Count, NewKind } from '../values/scalars.ts'
import type { State } from '../state/state.ts'
import { commandCodec, decisionTime, eventMetadata } from './command.ts'
import { unchanged, type DecisionResult, kindDecision } from './decision.ts'

/** Limits how many tasks of a kind may be claimed at once; null: no limit. */
export const LimitKind = commandCodec('limit', { kind: NewKind, limit: nullable(Count) }, {})
export type LimitKind = t.TypeOf<typeof LimitKind>

/** Existing claims that exceed the limit stay; new ones are refused until there are fewer. */
export const limitKind = (command: LimitKind, state: State): DecisionResult => {
  const { kind, limit } = command
  const current = state.table.rules(kind).limit
  if (limit === (current?.claims ?? null)) return E.right({ ...unchanged(current?.seq ?? state.seq), kind })
  const metadata = eventMetadata(command, decisionTime(state, command))
  return E.right(kindDecision(kind, { seq: state.seq + 1, event: 'limited', kind, limit, ...metadata }))
}
