import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { Backoff } from '../values/backoff.ts'
import { format } from '../events/index.ts'
import { Count, DurationMs } from '../values/scalars.ts'
import type { State } from '../state/state.ts'
import { commandCodec, decisionTime, eventMetadata } from './command.ts'
import { unchanged, type DecisionResult, appendDecision } from './decision.ts'

/** Creates the workspace: line 1 of its log. `workspace` is its id, a UUID. */
export const OpenWorkspace = commandCodec(
  'open',
  { workspace: t.string },
  { lease_ms: DurationMs, max_attempts: Count, backoff: Backoff },
)
export type OpenWorkspace = t.TypeOf<typeof OpenWorkspace>

const defaultLeaseMs = 15 * 60_000
const defaultAttemptsMax = 3
export const defaultBackoff: Backoff = { firstMs: 10_000, maxMs: 3_600_000 }

/** Never refuses: an existing workspace stays as it is. */
export const openWorkspace = (command: OpenWorkspace, state: State): DecisionResult => {
  if (state.workspace !== undefined) return E.right(unchanged(1))
  const opened = {
    seq: 1,
    event: 'opened',
    format,
    workspace: command.workspace,
    leaseMs: command.leaseMs ?? defaultLeaseMs,
    maxAttempts: command.maxAttempts ?? defaultAttemptsMax,
    backoff: command.backoff ?? defaultBackoff,
    ...eventMetadata(command, decisionTime(state, command)),
  } as const
  return E.right(appendDecision([opened], [], 1))
}
