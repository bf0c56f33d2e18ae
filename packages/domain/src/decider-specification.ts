/**
 * The rules as examples: given these events, when this command comes, then those events follow, or a refusal.
 *
 * ```ts
 * given(at(0, opened(), added('t', 'docs'), claimed('ann', 't')))
 *   .when(claim('bob'), 15)
 *   .then(at(15, claimed('bob', 't', { attempt: 2, until: 30 })))
 * ```
 *
 * Moments are minutes after noon, events number themselves by where they stand. Whole values are compared.
 */
import * as E from 'fp-ts/lib/Either.js'
import type { NewTask } from './decide/new-task.ts'
import type { Decided } from './decide/decision.ts'
import { type Command, decide } from './decide/index.ts'
import type { Event } from './event/index.ts'
import { fold } from './evolve.ts'
import { isSameJson, type Json } from './json.ts'
import { inconsistency } from './meaning.ts'
import type { Refusal } from './refusal.ts'
import type { Time } from './scalars.ts'
import { emptyState, type State } from './state.ts'
import { msOf, timeOf } from './time.ts'

type WithoutKeys<A, K extends PropertyKey> = A extends unknown ? Omit<A, K> : never
/** What an event says, before it is known when and as which line. */
type Saying = WithoutKeys<Event, 'seq' | 'time'>
/** A command before it is known when it comes. */
export type Order = WithoutKeys<Command, 'nowMs'>

const noonMs = msOf('2025-01-01T12:00:00.000Z')
export const minuteMs = 60_000

/** The moment so many minutes after noon. */
export const time = (minutes: number): Time => timeOf(noonMs + minutes * minuteMs)

/** `order` as it comes so many minutes after noon. */
export const commandAt = (minutes: number, order: Order): Command => ({ ...order, nowMs: noonMs + minutes * minuteMs })

type Timed = Saying & { readonly time: Time }

/** Events of one moment. */
export const at = (minutes: number, ...sayings: ReadonlyArray<Saying>): ReadonlyArray<Timed> =>
  sayings.map(saying => ({ ...saying, time: time(minutes) }))

/** The moments' events as the lines after `seq`. */
const numbered = (seq: number, moments: ReadonlyArray<ReadonlyArray<Timed>>): ReadonlyArray<Event> =>
  moments.flat().map((event, i) => ({ ...event, seq: seq + i + 1 }))

/** The moments' events as a log from line 1. */
export const logOf = (...moments: ReadonlyArray<ReadonlyArray<Timed>>): ReadonlyArray<Event> => numbered(0, moments)

/** The state after the moments' events. Throws where they cannot have been decided. */
export const stateOf = (...moments: ReadonlyArray<ReadonlyArray<Timed>>): State =>
  foldConsistent(emptyState(), logOf(...moments))

const foldConsistent = (before: State, events: ReadonlyArray<Event>): State => {
  let state = before
  for (const event of events) {
    const problem = inconsistency(state, event)
    if (problem !== undefined) throw new Error(`the ${event.event} of line ${event.seq} is inconsistent: ${problem}`)
    state = fold(state, [event])
  }
  return state
}

/** Throws unless two values say the same; test runners show the difference. */
const assertSame = (what: string, actual: unknown, expected: unknown): void => {
  if (isSameJson(actual, expected)) return
  throw Object.assign(new Error(`${what} are not what the example says`), { actual, expected, showDiff: true })
}

type Outcome = {
  /** Exactly these events follow, and each makes sense where it stands. */
  readonly then: (...moments: ReadonlyArray<ReadonlyArray<Timed>>) => void
  /** It is already so: nothing is written, and the answer is about these tasks, so since `seq`. */
  readonly thenNothing: (answer: { readonly taskIds: ReadonlyArray<string>; readonly seq: number }) => void
  /** Exactly this refusal, and nothing is written. */
  readonly thenRefused: (refusal: Refusal) => void
  readonly decided: Decided
}

/** The rules of a log that holds these events. */
export const given = (
  ...moments: ReadonlyArray<ReadonlyArray<Timed>>
): { readonly when: (order: Order, minutes: number) => Outcome } => ({
  when: (order, minutes) => {
    const state = stateOf(...moments)
    const { seq } = state
    const decided = decide(state, commandAt(minutes, order))
    return {
      decided,
      then: (...expected) => {
        const events = E.isRight(decided) ? decided.right.events : decided
        assertSame('the events', events, numbered(seq, expected))
        if (E.isRight(decided)) foldConsistent(state, decided.right.events)
      },
      thenNothing: answer => assertSame('the answers', decided, E.right({ events: [], ...answer })),
      thenRefused: refusal => assertSame('the refusals', decided, E.left(refusal)),
    }
  },
})

export const workspaceId = '6f1cbb1e-7d52-4a0e-9a41-0d8f3f5b7c11'

/** Line 1: leases of 15 minutes, 3 attempts, a backoff of 10 s doubled up to an hour, unless said. */
export const opened = (more: Partial<Extract<Saying, { event: 'opened' }>> = {}): Saying => ({
  event: 'opened',
  format: 1,
  workspace: workspaceId,
  leaseMs: 15 * minuteMs,
  maxAttempts: 3,
  backoff: { firstMs: 10_000, maxMs: 3_600_000 },
  ...more,
})

export const added = (taskId: string, kind: string, more: Omit<NewTask, 'kind' | 'taskId'> = {}): Saying => ({
  event: 'added',
  taskId,
  kind,
  ...more,
})

/** `until`: minutes after noon at which the lease ends; null: never. */
export const claimed = (
  worker: string,
  taskId: string,
  { attempt = 1, until = 15 }: { readonly attempt?: number; readonly until?: number | null } = {},
): Saying => ({ event: 'claimed', worker, taskId, attempt, leaseUntil: until === null ? null : time(until) })

export const renewed = (
  worker: string,
  taskId: string,
  token: number,
  until: number | null,
  progress?: Json,
): Saying => ({ event: 'renewed', worker, taskId, token, leaseUntil: until === null ? null : time(until), progress })

export const completed = (worker: string, taskId: string, token: number, result?: Json): Saying => ({
  event: 'completed',
  worker,
  taskId,
  token,
  result,
})

/** `retryAt`: a moment, or null where no further attempt shall be. */
export const failed = (
  worker: string,
  taskId: string,
  token: number,
  error: string,
  retryAt: Time | null = null,
): Saying => ({ event: 'failed', worker, taskId, token, error, retryAt })

export const released = (worker: string, taskId: string, token: number, reason?: string): Saying => ({
  event: 'released',
  worker,
  taskId,
  token,
  reason,
})

export const held = (taskId: string, reason?: string): Saying => ({ event: 'held', taskId, reason })
export const unheld = (taskId: string, reason?: string): Saying => ({ event: 'unheld', taskId, reason })
export const cancelled = (taskId: string, reason?: string): Saying => ({ event: 'cancelled', taskId, reason })
export const paused = (kind: string, reason?: string): Saying => ({ event: 'paused', kind, reason })
export const resumed = (kind: string): Saying => ({ event: 'resumed', kind })
export const limited = (kind: string, limit: number | null): Saying => ({ event: 'limited', kind, limit })

export const add = (...tasks: ReadonlyArray<NewTask>): Order => ({ command: 'add', tasks })
export const claim = (worker: string, ...kinds: ReadonlyArray<string>): Order => ({ command: 'claim', worker, kinds })
export const claimNamed = (worker: string, taskId: string): Order => ({ command: 'claim', worker, kinds: [], taskId })
