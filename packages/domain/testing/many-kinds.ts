import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { listGuards } from '../src/decide/claims/guards.ts'
import { type Command, decide } from '../src/decide/index.ts'
import { minuteMs, msAfterNoon, opened, type UntimedCommand, time } from './decider-specification.ts'
import type { Event } from '../src/events/index.ts'
import type { Time } from '../src/values/scalars.ts'
import { allTasks } from '../src/queries/tasks.ts'
import type { State } from '../src/state/state.ts'
import { isClaimedFirst, isLive, type Task } from '../src/state/task.ts'
import { timeFromMs } from '../src/time/clock.ts'

/** More kinds than a table checks one by one. */
export const kinds = Array.from({ length: 40 }, (_, i) => `kind-${i}`)
const kind = fc.constantFrom(...kinds)

/** A command for a queue of many kinds, some minutes after the last. `pick` selects one of the existing tasks. */
export type ManyKindsStep = { readonly minutes: number; readonly pick: number; readonly input: StepInput }

type StepInput =
  | Extract<UntimedCommand, { command: 'add' | 'claim' | 'pause' | 'resume' | 'limit' }>
  | { readonly command: 'complete' | 'release' | 'renew'; readonly leaseMs?: number }
  | { readonly command: 'fail'; readonly retryInMs: number | null }
  | { readonly command: 'amend'; readonly kind?: string; readonly priority?: number; readonly maxAttempts?: number }
  | { readonly command: 'hold' | 'unhold' | 'cancel' | 'retry' }

const newTask = fc.record({
  kind,
  priority: fc.constantFrom(undefined, undefined, 0, 9),
  notBefore: fc.constantFrom(undefined, undefined, undefined, time(20), time(60)),
  maxAttempts: fc.constantFrom(undefined, 1, 2),
})
const leaseMs = fc.constantFrom(minuteMs, 5 * minuteMs, 30 * minuteMs)

const stepInputs: ReadonlyArray<readonly [number, fc.Arbitrary<StepInput>]> = [
  [3, fc.record({ command: fc.constant('add' as const), tasks: fc.array(newTask, { minLength: 1, maxLength: 20 }) })],
  [
    12,
    fc.record({
      command: fc.constant('claim' as const),
      worker: fc.constant('ann'),
      kinds: fc.oneof(
        { weight: 6, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.array(kind, { maxLength: 2 }) },
      ),
      count: fc.constantFrom(undefined, undefined, 2, 30),
      leaseMs,
    }),
  ],
  [4, fc.record({ command: fc.constantFrom('complete' as const, 'release' as const) })],
  [1, fc.record({ command: fc.constant('renew' as const), leaseMs })],
  [2, fc.record({ command: fc.constant('fail' as const), retryInMs: fc.constantFrom(null, 0, 5 * minuteMs) })],
  [
    3,
    fc.record({
      command: fc.constant('amend' as const),
      kind: fc.option(kind, { nil: undefined }),
      priority: fc.constantFrom(undefined, 0, 5, 9),
      maxAttempts: fc.constantFrom(undefined, 1, 3),
    }),
  ],
  [2, fc.record({ command: fc.constantFrom('hold' as const, 'unhold' as const, 'cancel' as const, 'retry' as const) })],
  [2, fc.record({ command: fc.constant('pause' as const), kind })],
  [2, fc.record({ command: fc.constant('resume' as const), kind })],
  [2, fc.record({ command: fc.constant('limit' as const), kind, limit: fc.constantFrom(null, 1, 2) })],
]

export const manyKindsStep: fc.Arbitrary<ManyKindsStep> = fc.record({
  minutes: fc.constantFrom(0, 0, 1, 4, 16),
  pick: fc.nat(),
  input: fc.oneof(...stepInputs.map(([weight, arbitrary]) => ({ weight, arbitrary }))),
})

export const openedWorkspace: ReadonlyArray<Event> = [{ ...opened(), seq: 1, time: time(0) }]

/** Converts a step to a command at `minutes` after noon; undefined if there is no suitable task. */
export const toCommand = (state: State, { pick, input }: ManyKindsStep, minutes: number): Command | undefined => {
  const nowMs = msAfterNoon(minutes)
  const pickTask = (tasks: ReadonlyArray<Task>): Task | undefined => tasks[pick % Math.max(1, tasks.length)]
  switch (input.command) {
    case 'add':
    case 'claim':
    case 'pause':
    case 'resume':
    case 'limit':
      return { ...input, nowMs }
    case 'complete':
    case 'release':
    case 'renew':
    case 'fail': {
      const task = pickTask(allTasks(state).filter(({ claim }) => claim !== undefined))
      const { id: taskId, claim } = task ?? {}
      if (taskId === undefined || claim === undefined) return undefined
      const claimRef = { worker: claim.worker, taskId, nowMs }
      return input.command === 'fail' ? { ...input, ...claimRef, error: 'no' } : { ...input, ...claimRef }
    }
    case 'amend':
    case 'hold':
    case 'unhold':
    case 'cancel':
    case 'retry': {
      const task = pickTask(allTasks(state))
      return task === undefined ? undefined : { ...input, taskId: task.id, nowMs }
    }
  }
}

/**
 * The tasks that a claim of some kinds should get by the naive rule: of all tasks without guards, the first by
 * priority and then by age, no more of a kind than its limit allows.
 */
export const firstByScan = (
  state: State,
  requested: ReadonlyArray<string>,
  count: number,
  now: Time,
): ReadonlyArray<string> => {
  const tasks = allTasks(state)
  const claimable = tasks
    .filter(
      task => (requested.length === 0 || requested.includes(task.kind)) && listGuards(state, task, now).length === 0,
    )
    .sort((a, b) => (isClaimedFirst(a, b) ? -1 : 1))
  const selected: Array<Task> = []
  for (const task of claimable) {
    const { limit } = state.table.rules(task.kind)
    const isSameKind = (other: Task): boolean => other.kind === task.kind
    const live = tasks.filter(
      other => isSameKind(other) && other.claim !== undefined && isLive(other.claim, now),
    ).length
    const hasRoom = limit === undefined || live + selected.filter(isSameKind).length < limit.claims
    if (selected.length < count && hasRoom) selected.push(task)
  }
  return selected.map(({ id }) => id)
}

/** The events that a command leads to. */
export const decideEvents = (state: State, command: Command): ReadonlyArray<Event> => {
  const decided = decide(command, state)
  return E.isLeft(decided) ? [] : decided.right.events
}

/** The elapsed time of a command, if all clocks are right. */
export const commandTime = ({ nowMs }: Command): Time => timeFromMs(nowMs)
