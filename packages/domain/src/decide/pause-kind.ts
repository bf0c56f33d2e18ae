import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import type { State } from '../state/state.ts'
import { commandCodec, momentOf, stampOf } from './command.ts'
import { alreadySo, type Decided, oneRule } from './decision.ts'
import { NewKind } from '../values/scalars.ts'

/** Stops claims of a kind. */
export const PauseKind = commandCodec('pause', { kind: NewKind }, { reason: Text })
export type PauseKind = t.TypeOf<typeof PauseKind>

/** Existing claims continue. A paused kind stays paused, with the first reason. */
export const pauseKind = (command: PauseKind, state: State): Decided => {
  const { kind, reason } = command
  const { paused } = state.table.rules(kind)
  if (paused !== undefined) return E.right({ ...alreadySo(paused.seq), kind })
  const stamp = stampOf(command, momentOf(state, command))
  return E.right(oneRule(kind, { seq: state.seq + 1, event: 'paused', kind, reason, ...stamp }))
}
