/** Walks: what may be asked of a queue one thing after the other, by callers that know a little of what there is. */
import * as E from 'fp-ts/lib/Either.js'
import type { ClockReading } from '../../src/time/clock.ts'
import type { Decided } from '../../src/decide/decision.ts'
import { type Command, decide } from '../../src/decide/index.ts'
import { added, at, minuteMs, msAt, opened, type Order } from '../decider-specification.ts'
import type { Event } from '../../src/events/index.ts'
import { fold } from '../../src/evolve/evolve.ts'
import { emptyState, type State } from '../../src/state/state.ts'

/** One command, `minutes` after the last, from a process whose wall clock is `aheadMinutes` ahead of true time. */
export type Step = {
  readonly minutes: number
  readonly aheadMinutes: number
  readonly order: Order
  /** Some commands carry a request id. */
  readonly requestId?: string
  /** A claim that expects a `seq` expects the one that the log had so many events ago. */
  readonly behind?: number
}

/** A step that was taken, and the state it led to. */
type Taken = { readonly command: Command; readonly decided: Decided; readonly state: State }

/** In the place of a worker's name: whoever holds the task, or had it last. */
export const theHolder = 'the-holder'

const boot = 'boot'

/** The log's first lines: tasks there are to fight for. */
export const beginning: ReadonlyArray<Event> = [
  ...at(0, opened({ backoff: { firstMs: minuteMs, maxMs: 10 * minuteMs }, boot, upMs: 0 })),
  ...at(
    0,
    added('t0', 'docs'),
    added('t1', 'ci', { maxAttempts: 1 }),
    added('t2', 'docs', { needs: ['t0'], maxAttempts: 1 }),
  ),
  ...at(0, added('t3', 'docs', { priority: 0 }), added('t4', 'ci')),
].map((event, i) => ({ ...event, seq: i + 1 }))

/**
 * Goes through the steps from `beginning` and returns the log. Shows each step to `watch` with the state after it, and to
 * `before` with the state that it meets.
 */
export const walk = (
  steps: ReadonlyArray<Step>,
  watch: (taken: Taken) => void = () => undefined,
  before: (state: State, command: Command) => void = () => undefined,
): ReadonlyArray<Event> => {
  let state = fold(emptyState(), beginning)
  const log = [...beginning]
  let upMs = 0
  for (const step of steps) {
    upMs += step.minutes * minuteMs
    const reading = { nowMs: msAt(0) + upMs + step.aheadMinutes * minuteMs, boot, upMs }
    const command = commandOf(state, step, reading)
    before(state, command)
    const decided = decide(command, state)
    const events = E.isLeft(decided) ? [] : decided.right.events
    state = fold(state, events)
    log.push(...events)
    watch({ command, decided, state })
  }
  return log
}

/** What the clocks of a command's process said. */
export const readingOf = ({ nowMs, boot: ofCommand, upMs }: Command): ClockReading => ({ nowMs, boot: ofCommand, upMs })

/** True time, which the boot clock tells and wall clocks need not, of a command in a walk. */
export const trueMsOf = ({ upMs = 0 }: Command): number => msAt(0) + upMs

const commandOf = (state: State, { order, requestId, behind }: Step, reading: ClockReading): Command => {
  const command: Command = { ...order, requestId, ...reading }
  if (command.command === 'claim' && behind !== undefined)
    return { ...command, expectSeq: Math.max(1, state.seq - behind) }
  if (!('worker' in command) || !('taskId' in command) || command.worker !== theHolder) return command
  const task = state.table.get(command.taskId ?? '')
  return { ...command, worker: task?.claim?.worker ?? task?.settled?.worker ?? 'ann' }
}
