import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import type { State } from '../state/state.ts'
import { commandCodec, decisionTime, eventMetadata } from './command.ts'
import { unchanged, type DecisionResult, kindDecision } from './decision.ts'
import { NewKind } from '../values/scalars.ts'

/** Stops claims of a kind. */
export const PauseKind = commandCodec('pause', { kind: NewKind }, { reason: Text })
export type PauseKind = t.TypeOf<typeof PauseKind>

/** Existing claims continue. A paused kind stays paused, with the first reason. */
export const pauseKind = (command: PauseKind, state: State): DecisionResult => {
  const { kind, reason } = command
  const { paused } = state.table.rules(kind)
  if (paused !== undefined) return E.right({ ...unchanged(paused.seq), kind })
  const metadata = eventMetadata(command, decisionTime(state, command))
  return E.right(kindDecision(kind, { seq: state.seq + 1, event: 'paused', kind, reason, ...metadata }))
}
