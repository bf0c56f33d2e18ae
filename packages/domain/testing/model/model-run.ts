/** Runs of commands, one after another, by callers that know a little about the queue. */
import * as E from 'fp-ts/lib/Either.js'
import type { ClockReading } from '../../src/time/clock.ts'
import type { DecisionResult } from '../../src/decide/decision.ts'
import { type Command, decide } from '../../src/decide/index.ts'
import { added, at, minuteMs, msAfterNoon, opened, type UntimedCommand } from '../decider-specification.ts'
import type { Event } from '../../src/events/index.ts'
import { fold } from '../../src/evolve/evolve.ts'
import { emptyState, type State } from '../../src/state/state.ts'

/** A command, `minutes` after the last, from a process whose wall clock is `aheadMinutes` ahead of true time. */
export type ModelStep = {
  readonly minutes: number
  readonly aheadMinutes: number
  readonly input: UntimedCommand
  /** Some commands carry a request id. */
  readonly requestId?: string
  /** Set for claims with `expectSeq`: the number of events by which it is behind the log. */
  readonly seqLag?: number
}

/** A step that was executed, and the state after it. */
type StepResult = { readonly command: Command; readonly decided: DecisionResult; readonly state: State }

/** A placeholder for a worker name: the current or last holder of the task. */
export const holderPlaceholder = 'the-holder'

const boot = 'boot'

/** The first lines of the log: some tasks to compete for. */
export const initialEvents: ReadonlyArray<Event> = [
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
 * Executes the steps after `initialEvents` and returns the log. Calls `beforeStep` with the state before each step, and
 * `onStep` with the result and the state after it.
 */
export const runSteps = (
  steps: ReadonlyArray<ModelStep>,
  onStep: (result: StepResult) => void = () => undefined,
  beforeStep: (state: State, command: Command) => void = () => undefined,
): ReadonlyArray<Event> => {
  let state = fold(emptyState(), initialEvents)
  const log = [...initialEvents]
  let upMs = 0
  for (const step of steps) {
    upMs += step.minutes * minuteMs
    const reading = { nowMs: msAfterNoon(0) + upMs + step.aheadMinutes * minuteMs, boot, upMs }
    const command = toCommand(state, step, reading)
    beforeStep(state, command)
    const decided = decide(command, state)
    const events = E.isLeft(decided) ? [] : decided.right.events
    state = fold(state, events)
    log.push(...events)
    onStep({ command, decided, state })
  }
  return log
}

/** The clock reading of a command's process. */
export const commandReading = ({ nowMs, boot: commandBoot, upMs }: Command): ClockReading => ({
  nowMs,
  boot: commandBoot,
  upMs,
})

/** The true time of a command in a run, from the boot clock: wall clocks may be wrong. */
export const trueTimeMs = ({ upMs = 0 }: Command): number => msAfterNoon(0) + upMs

const toCommand = (state: State, { input, requestId, seqLag }: ModelStep, reading: ClockReading): Command => {
  const command: Command = { ...input, requestId, ...reading }
  if (command.command === 'claim' && seqLag !== undefined)
    return { ...command, expectSeq: Math.max(1, state.seq - seqLag) }
  if (!('worker' in command) || !('taskId' in command) || command.worker !== holderPlaceholder) return command
  const task = state.table.get(command.taskId ?? '')
  return { ...command, worker: task?.claim?.worker ?? task?.lastClaimEnd?.worker ?? 'ann' }
}
