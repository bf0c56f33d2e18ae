import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClockReading } from '../../time/clock.ts'
import { claim, minuteMs, type UntimedCommand, getRefusal } from '../../../testing/decider-specification.ts'
import type { Event } from '../../events/index.ts'
import { fold } from '../../evolve/evolve.ts'
import { initialEvents, commandReading, runSteps } from '../../../testing/model/model-run.ts'
import { allTasks } from '../../queries/tasks.ts'
import { emptyState, type State } from '../../state/state.ts'
import { dumpIndices } from '../../../testing/table-scan.ts'
import { anyStep } from '../../../testing/any-step.ts'
import { type Command, decide } from '../index.ts'

const seed = 20_250_101

type EndCommand = Extract<UntimedCommand, { command: 'complete' | 'fail' }>

/** The ways in which a current or former holder may end a claim. */
const listEndCommands = (state: State): ReadonlyArray<EndCommand> =>
  allTasks(state).flatMap(({ id: taskId, claim: openClaim, lastClaimEnd }) => {
    const worker = openClaim?.worker ?? lastClaimEnd?.worker ?? 'ann'
    const fail = { command: 'fail', worker, taskId, error: 'no' } as const
    const complete = { command: 'complete', worker, taskId } as const
    return openClaim === undefined ? [complete] : [complete, fail, { ...fail, retryInMs: 0 }]
  })

/** Ends a claim and claims the next task, in one decision and in two; returns the number of events of the second. */
const compare = (
  state: State,
  log: ReadonlyArray<Event>,
  endCommand: EndCommand,
  kinds: ReadonlyArray<string>,
  reading: ClockReading,
): number => {
  const endDecision = decide({ ...endCommand, ...reading }, state)
  const combined = decide({ ...endCommand, ...reading, claimNext: { kinds, leaseMs: minuteMs } }, state)
  if (E.isLeft(endDecision) || E.isLeft(combined)) {
    expect(combined).toEqual(endDecision)
    return 0
  }
  const stateAfterEnd = fold(emptyState(), [...log, ...endDecision.right.events])
  const nextClaim = decide(
    { ...claim(endCommand.worker, ...kinds), leaseMs: minuteMs, ...reading } as Command,
    stateAfterEnd,
  )
  const { events, taskIds, seq } = E.isLeft(nextClaim) ? { events: [], taskIds: [], seq: 0 } : nextClaim.right
  const none = getRefusal(nextClaim)
  const allEvents = [...endDecision.right.events, ...events]
  expect(combined.right).toEqual({
    _tag: allEvents.length === 0 ? 'Unchanged' : 'Append',
    events: allEvents,
    taskIds: endDecision.right.taskIds,
    seq: none === undefined ? seq : endDecision.right.seq,
    next: none === undefined ? { taskId: taskIds[0] } : { none },
  })
  return events.length
}

const dumpState = (state: State): unknown => [JSON.stringify(allTasks(state)), ...dumpIndices(state)]

describe(`after random commands (seed ${seed})`, () => {
  it('ending a claim and claiming the next task is the same as doing both one after the other at the same time', () => {
    let events = 0
    const property = fc.property(fc.array(anyStep, { minLength: 1, maxLength: 60, size: 'max' }), steps => {
      const log = [...initialEvents]
      runSteps(
        steps,
        ({ decided }) => {
          if (E.isRight(decided)) log.push(...decided.right.events)
        },
        (state, command) => {
          const before = dumpState(state)
          for (const endCommand of listEndCommands(state))
            for (const kinds of [[], ['docs'], ['ci', 'docs']])
              events += compare(state, log, endCommand, kinds, commandReading(command))
          expect(dumpState(state)).toEqual(before)
        },
      )
    })
    fc.assert(property, { seed, numRuns: 25 })
    expect(events).toBeGreaterThan(1000)
  })
})
