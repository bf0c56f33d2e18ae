/**
 * The rules as examples: given these events, when this command is decided, then those events or a refusal follow.
 *
 * ```ts
 * given(at(0, opened(), added('t', 'docs'), claimed('ann', 't')))
 *   .when(claim('bob'), 15)
 *   .then(at(15, claimed('bob', 't', { attempt: 2, until: 30 })))
 * ```
 *
 * Times are minutes after noon; events are numbered in order. Whole values are compared.
 */
import * as E from 'fp-ts/lib/Either.js'
import { isSameJson } from '@claimlog/codecs'
import type { NewTask } from '../src/decide/tasks/new-task.ts'
import { msAt, type Saying, time, type WithoutKeys } from './decider-sayings.ts'
import type { Decided } from '../src/decide/decision.ts'
import { type Command, decide } from '../src/decide/index.ts'
import type { Event } from '../src/events/index.ts'
import { fold } from '../src/evolve/evolve.ts'
import { inconsistency } from '../src/evolve/invariants.ts'
import type { KindWaiting, Refusal } from '../src/decide/refusal.ts'
import type { Time } from '../src/values/scalars.ts'
import { emptyState, type State } from '../src/state/state.ts'

export * from './decider-sayings.ts'

/** A command without its time. */
export type Order = WithoutKeys<Command, 'nowMs'>

/** Adds the time to a command, in minutes after noon. */
export const commandAt = (minutes: number, order: Order): Command => ({ ...order, nowMs: msAt(minutes) })

type Timed = Saying & { readonly time: Time }

/** Events of the same time, in minutes after noon. */
export const at = (minutes: number, ...sayings: ReadonlyArray<Saying>): ReadonlyArray<Timed> =>
  sayings.map(saying => ({ ...saying, time: time(minutes) }))

/** Numbers the events as the lines after `seq`. */
const numbered = (seq: number, moments: ReadonlyArray<ReadonlyArray<Timed>>): ReadonlyArray<Event> =>
  moments.flat().map((event, i) => ({ ...event, seq: seq + i + 1 }))

/** Builds a log of these events from line 1. */
export const logOf = (...moments: ReadonlyArray<ReadonlyArray<Timed>>): ReadonlyArray<Event> => numbered(0, moments)

/** Folds these events to a state. Throws if they are not a valid log. */
export const stateOf = (...moments: ReadonlyArray<ReadonlyArray<Timed>>): State =>
  foldConsistent(emptyState(), logOf(...moments))

const foldConsistent = (before: State, events: ReadonlyArray<Event>): State => {
  let state = before
  for (const event of events) {
    const problem = inconsistency(state, event)
    if (problem !== undefined) throw new Error(`the ${event.event} event of line ${event.seq} is invalid: ${problem}`)
    state = fold(state, [event])
  }
  return state
}

/** Throws if two values differ; test runners show the difference. */
const assertSame = (what: string, actual: unknown, expected: unknown): void => {
  if (isSameJson(actual, expected)) return
  throw Object.assign(new Error(`${what} differ from the example`), { actual, expected, showDiff: true })
}

type Waiting = {
  readonly paused?: ReadonlyArray<string>
  readonly full?: ReadonlyArray<string>
  readonly nextAt?: Time
}

type Outcome = {
  /** Exactly these events follow, and they are valid. */
  readonly then: (...moments: ReadonlyArray<ReadonlyArray<Timed>>) => void
  /** Nothing changes and nothing is written; the result names these tasks and the event `seq`. */
  readonly thenNothing: (answer: {
    readonly taskIds: ReadonlyArray<string>
    readonly seq: number
    readonly kind?: string
  }) => void
  /** Exactly this refusal; the only events written are `recorded`, for tasks that failed by expiry. */
  readonly thenRefused: (refusal: Refusal, ...recorded: ReadonlyArray<ReadonlyArray<Timed>>) => void
  /** No task of `kinds` is claimable, some kinds are closed, and nothing changes by itself before `nextAt`. */
  readonly thenNoReadyTask: (kinds: ReadonlyArray<string>, waiting?: Waiting) => void
  /** These events are written, although the command is refused. */
  readonly thenRecorded: (...moments: ReadonlyArray<ReadonlyArray<Timed>>) => void
  readonly decided: Decided
}

/** The refusal in a decision, with or without recorded events; undefined if there is none. */
export const refusalOf = (decided: Decided): Refusal | undefined =>
  E.isLeft(decided) ? decided.left : decided.right._tag === 'RefusedWithEvents' ? decided.right.refusal : undefined

/** Starts an example with a log of these events. */
export const given = (
  ...moments: ReadonlyArray<ReadonlyArray<Timed>>
): { readonly when: (order: Order, minutes: number) => Outcome } => ({
  when: (order, minutes) => {
    const state = stateOf(...moments)
    const { seq } = state
    const decided = decide(commandAt(minutes, order), state)
    return {
      decided,
      then: (...expected) => {
        const events = E.isRight(decided) ? decided.right.events : decided
        assertSame('the events', events, numbered(seq, expected))
        if (E.isRight(decided)) foldConsistent(state, decided.right.events)
      },
      thenNothing: answer => assertSame('the answers', decided, E.right({ _tag: 'Unchanged', events: [], ...answer })),
      thenRefused: (refusal, ...recorded) => {
        assertSame('the refusals', refusalOf(decided), refusal)
        assertSame('the events', E.isRight(decided) ? decided.right.events : [], numbered(seq, recorded))
      },
      thenRecorded: (...expected) => {
        assertSame('the events', E.isRight(decided) ? decided.right.events : [], numbered(seq, expected))
        if (refusalOf(decided) === undefined) assertSame('the refusals', decided, 'a refusal')
        if (E.isRight(decided)) foldConsistent(state, decided.right.events)
      },
      thenNoReadyTask: (kinds, { paused = [], full = [], nextAt } = {}) => {
        const refusal = refusalOf(decided)
        if (refusal?.error !== 'no_ready_task') return assertSame('the refusals', decided, kinds)
        const { waiting } = refusal
        const closed = (by: KindWaiting['closed']) =>
          waiting.kinds.flatMap(of => (of.closed === by ? [of.kind] : [])).sort()
        const actual = {
          kinds: refusal.kinds,
          paused: closed('paused'),
          full: closed('full'),
          nextAt: waiting.nextAt,
        }
        assertSame('the waiting kinds', actual, { kinds, paused, full, nextAt })
      },
    }
  },
})

export const add = (...tasks: ReadonlyArray<NewTask>): Order => ({ command: 'add', tasks })
export const claim = (worker: string, ...kinds: ReadonlyArray<string>): Order => ({ command: 'claim', worker, kinds })
export const claimNamed = (worker: string, taskId: string): Order => ({ command: 'claim', worker, kinds: [], taskId })
export const amend = (
  taskId: string,
  changes: WithoutKeys<Extract<Order, { command: 'amend' }>, 'command' | 'taskId'>,
): Order => ({ command: 'amend', taskId, ...changes })
export const cancel = (taskId: string, reason?: string): Order => ({ command: 'cancel', taskId, reason })
export const retry = (taskId: string, reason?: string): Order => ({ command: 'retry', taskId, reason })
export const pause = (kind: string, reason?: string): Order => ({ command: 'pause', kind, reason })
export const resume = (kind: string, reason?: string): Order => ({ command: 'resume', kind, reason })
export const limit = (kind: string, most: number | null): Order => ({ command: 'limit', kind, limit: most })
