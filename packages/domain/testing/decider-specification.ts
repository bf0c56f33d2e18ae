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
import { msAfterNoon, type EventInput, time, type WithoutKeys } from './event-builders.ts'
import type { DecisionResult } from '../src/decide/decision.ts'
import { type Command, decide } from '../src/decide/index.ts'
import type { Event } from '../src/events/index.ts'
import { fold } from '../src/evolve/evolve.ts'
import { invariantViolation } from '../src/evolve/invariants.ts'
import type { WaitingCounts, Refusal } from '../src/decide/refusal.ts'
import type { Time } from '../src/values/scalars.ts'
import { emptyState, type State } from '../src/state/state.ts'

export * from './event-builders.ts'

/** A command without its time. */
export type UntimedCommand = WithoutKeys<Command, 'nowMs'>

/** Adds the time to a command, in minutes after noon. */
export const addCommandTime = (minutes: number, input: UntimedCommand): Command => ({
  ...input,
  nowMs: msAfterNoon(minutes),
})

type TimedEvent = EventInput & { readonly time: Time }

/** Unnumbered events in order; all events of a group have the same time. */
export type EventGroups = ReadonlyArray<ReadonlyArray<TimedEvent>>

/** Events of the same time, in minutes after noon. */
export const at = (minutes: number, ...inputs: ReadonlyArray<EventInput>): ReadonlyArray<TimedEvent> =>
  inputs.map(input => ({ ...input, time: time(minutes) }))

/** Numbers the events as the lines after `seq`. */
const numberEvents = (seq: number, groups: EventGroups): ReadonlyArray<Event> =>
  groups.flat().map((event, i) => ({ ...event, seq: seq + i + 1 }))

/** Builds a log of these events from line 1. */
export const buildLog = (...groups: EventGroups): ReadonlyArray<Event> => numberEvents(0, groups)

/** Folds these events to a state. Throws if they are not a valid log. */
export const buildState = (...groups: EventGroups): State => foldValid(emptyState(), buildLog(...groups))

const foldValid = (before: State, events: ReadonlyArray<Event>): State => {
  let state = before
  for (const event of events) {
    const violation = invariantViolation(state, event)
    if (violation !== undefined)
      throw new Error(`the ${event.event} event of line ${event.seq} is invalid: ${violation}`)
    state = fold(state, [event])
  }
  return state
}

/** Throws if two values differ; test runners show the difference. */
const assertSame = (label: string, actual: unknown, expected: unknown): void => {
  if (isSameJson(actual, expected)) return
  throw Object.assign(new Error(`${label} differ from the example`), { actual, expected, showDiff: true })
}

type ExpectedWaiting = {
  readonly paused?: ReadonlyArray<string>
  readonly full?: ReadonlyArray<string>
  readonly nextAt?: Time
}

type Expectation = {
  /** Exactly these events follow, and they are valid. */
  readonly then: (...groups: EventGroups) => void
  /** Nothing changes and nothing is written; the result names these tasks and the event `seq`. */
  readonly thenNothing: (answer: {
    readonly taskIds: ReadonlyArray<string>
    readonly seq: number
    readonly kind?: string
  }) => void
  /** Exactly this refusal; the only events written are `recorded`, for tasks that failed by expiry. */
  readonly thenRefused: (refusal: Refusal, ...recorded: EventGroups) => void
  /** No task of `kinds` is claimable, some kinds are closed, and nothing changes by itself before `nextAt`. */
  readonly thenNoReadyTask: (kinds: ReadonlyArray<string>, waiting?: ExpectedWaiting) => void
  /** These events are written, although the command is refused. */
  readonly thenRecorded: (...groups: EventGroups) => void
  readonly decided: DecisionResult
}

/** The refusal in a decision, with or without recorded events; undefined if there is none. */
export const getRefusal = (decided: DecisionResult): Refusal | undefined =>
  E.isLeft(decided) ? decided.left : decided.right._tag === 'RefusedWithEvents' ? decided.right.refusal : undefined

/** Starts an example with a log of these events. */
export const given = (
  ...groups: EventGroups
): { readonly when: (input: UntimedCommand, minutes: number) => Expectation } => ({
  when: (input, minutes) => {
    const state = buildState(...groups)
    const { seq } = state
    const decided = decide(addCommandTime(minutes, input), state)
    return {
      decided,
      then: (...expected) => {
        const events = E.isRight(decided) ? decided.right.events : decided
        assertSame('the events', events, numberEvents(seq, expected))
        if (E.isRight(decided)) foldValid(state, decided.right.events)
      },
      thenNothing: answer => assertSame('the answers', decided, E.right({ _tag: 'Unchanged', events: [], ...answer })),
      thenRefused: (refusal, ...recorded) => {
        assertSame('the refusals', getRefusal(decided), refusal)
        assertSame('the events', E.isRight(decided) ? decided.right.events : [], numberEvents(seq, recorded))
      },
      thenRecorded: (...expected) => {
        assertSame('the events', E.isRight(decided) ? decided.right.events : [], numberEvents(seq, expected))
        if (getRefusal(decided) === undefined) assertSame('the refusals', decided, 'a refusal')
        if (E.isRight(decided)) foldValid(state, decided.right.events)
      },
      thenNoReadyTask: (kinds, { paused = [], full = [], nextAt } = {}) => {
        const refusal = getRefusal(decided)
        if (refusal?.error !== 'no_ready_task') return assertSame('the refusals', decided, kinds)
        const { waiting } = refusal
        const listClosed = (rule: WaitingCounts['closed']) =>
          waiting.kinds.flatMap(({ kind, closed }) => (closed === rule ? [kind] : [])).sort()
        const actual = {
          kinds: refusal.kinds,
          paused: listClosed('paused'),
          full: listClosed('full'),
          nextAt: waiting.nextAt,
        }
        assertSame('the waiting kinds', actual, { kinds, paused, full, nextAt })
      },
    }
  },
})

export const add = (...tasks: ReadonlyArray<NewTask>): UntimedCommand => ({ command: 'add', tasks })
export const claim = (worker: string, ...kinds: ReadonlyArray<string>): UntimedCommand => ({
  command: 'claim',
  worker,
  kinds,
})
export const claimById = (worker: string, taskId: string): UntimedCommand => ({
  command: 'claim',
  worker,
  kinds: [],
  taskId,
})
export const amend = (
  taskId: string,
  changes: WithoutKeys<Extract<UntimedCommand, { command: 'amend' }>, 'command' | 'taskId'>,
): UntimedCommand => ({ command: 'amend', taskId, ...changes })
export const cancel = (taskId: string, reason?: string): UntimedCommand => ({ command: 'cancel', taskId, reason })
export const retry = (taskId: string, reason?: string): UntimedCommand => ({ command: 'retry', taskId, reason })
export const pause = (kind: string, reason?: string): UntimedCommand => ({ command: 'pause', kind, reason })
export const resume = (kind: string, reason?: string): UntimedCommand => ({ command: 'resume', kind, reason })
export const limit = (kind: string, claimsMax: number | null): UntimedCommand => ({
  command: 'limit',
  kind,
  limit: claimsMax,
})
