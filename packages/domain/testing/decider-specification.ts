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

/** A command before it is known when it comes. */
export type Order = WithoutKeys<Command, 'nowMs'>

/** `order` as it comes so many minutes after noon. */
export const commandAt = (minutes: number, order: Order): Command => ({ ...order, nowMs: msAt(minutes) })

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

type Waiting = {
  readonly paused?: ReadonlyArray<string>
  readonly full?: ReadonlyArray<string>
  readonly nextAt?: Time
}

type Outcome = {
  /** Exactly these events follow, and each makes sense where it stands. */
  readonly then: (...moments: ReadonlyArray<ReadonlyArray<Timed>>) => void
  /** It is already so: nothing is written, and the answer is about these tasks, so since `seq`. */
  readonly thenNothing: (answer: {
    readonly taskIds: ReadonlyArray<string>
    readonly seq: number
    readonly kind?: string
  }) => void
  /** Exactly this refusal; nothing is written but these events, if any, which record what was found on the way. */
  readonly thenRefused: (refusal: Refusal, ...recorded: ReadonlyArray<ReadonlyArray<Timed>>) => void
  /** There is nothing to claim among `kinds`, of which these are closed, and nothing changes by itself before `nextAt`. */
  readonly thenNoReadyTask: (kinds: ReadonlyArray<string>, waiting?: Waiting) => void
  /** These events are written, though what was asked is refused. */
  readonly thenRecorded: (...moments: ReadonlyArray<ReadonlyArray<Timed>>) => void
  readonly decided: Decided
}

/** Why what was asked is refused, whether or not something was recorded; undefined: it is not. */
export const refusalOf = (decided: Decided): Refusal | undefined =>
  E.isLeft(decided) ? decided.left : decided.right._tag === 'RefusedWithEvents' ? decided.right.refusal : undefined

/** The rules of a log that holds these events. */
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
        assertSame('the things waited for', actual, { kinds, paused, full, nextAt })
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
