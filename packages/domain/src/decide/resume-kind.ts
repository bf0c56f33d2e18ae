import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import type { State } from '../state/state.ts'
import { commandCodec, decisionTime, eventMetadata } from './command.ts'
import { unchanged, type DecisionResult, kindDecision } from './decision.ts'
import { Kind } from '../values/scalars.ts'

/** Allows claims of a paused kind again. */
export const ResumeKind = commandCodec('resume', { kind: Kind }, { reason: Text })
export type ResumeKind = t.TypeOf<typeof ResumeKind>

/** A kind that is not paused stays as it is. */
export const resumeKind = (command: ResumeKind, state: State): DecisionResult => {
  const { kind, reason } = command
  if (state.table.rules(kind).paused === undefined) return E.right({ ...unchanged(state.seq), kind })
  const metadata = eventMetadata(command, decisionTime(state, command))
  return E.right(kindDecision(kind, { seq: state.seq + 1, event: 'resumed', kind, reason, ...metadata }))
}
