/** Runs of commands, one after another, by callers that know a little about the queue. */
import * as E from 'fp-ts/lib/Either.js'
import type { ClockReading } from '../../src/time/clock.ts'
import type { Decided } from '../../src/decide/decision.ts'
import { type Command, decide } from '../../src/decide/index.ts'
import { added, at, minuteMs, msAt, opened, type Order } from '../decider-specification.ts'
import type { Event } from '../../src/events/index.ts'
import { fold } from '../../src/evolve/evolve.ts'
import { emptyState, type State } from '../../src/state/state.ts'

/** A command, `minutes` after the last, from a process whose wall clock is `aheadMinutes` ahead of true time. */
export type Step = {
  readonly minutes: number
  readonly aheadMinutes: number
  readonly order: Order
  /** Some commands carry a request id. */
  readonly requestId?: string
  /** Set for claims with `expectSeq`: the number of events by which the expected `seq` is behind the log. */
  readonly behind?: number
}

/** A step that was executed, and the state after it. */
type Taken = { readonly command: Command; readonly decided: Decided; readonly state: State }

/** A placeholder for a worker name: the current or last holder of the task. */
export const theHolder = 'the-holder'

const boot = 'boot'

/** The first lines of the log: some tasks to compete for. */
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
 * Executes the steps after `beginning` and returns the log. Calls `before` with the state before each step, and
 * `watch` with the result and the state after it.
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

/** The clock reading of a command's process. */
export const readingOf = ({ nowMs, boot: ofCommand, upMs }: Command): ClockReading => ({ nowMs, boot: ofCommand, upMs })

/** The true time of a command in a run, from the boot clock: wall clocks may be wrong. */
export const trueMsOf = ({ upMs = 0 }: Command): number => msAt(0) + upMs

const commandOf = (state: State, { order, requestId, behind }: Step, reading: ClockReading): Command => {
  const command: Command = { ...order, requestId, ...reading }
  if (command.command === 'claim' && behind !== undefined)
    return { ...command, expectSeq: Math.max(1, state.seq - behind) }
  if (!('worker' in command) || !('taskId' in command) || command.worker !== theHolder) return command
  const task = state.table.get(command.taskId ?? '')
  return { ...command, worker: task?.claim?.worker ?? task?.settled?.worker ?? 'ann' }
}
