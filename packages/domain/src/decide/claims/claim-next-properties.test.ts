import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClockReading } from '../../time/clock.ts'
import { claim, minuteMs, type Order, refusalOf } from '../../../testing/decider-specification.ts'
import type { Event } from '../../events/index.ts'
import { fold } from '../../evolve/evolve.ts'
import { beginning, readingOf, walk } from '../../../testing/model/queue-model-walk.ts'
import { allTasks } from '../../queries/tasks.ts'
import { emptyState, type State } from '../../state/state.ts'
import { indicesOf } from '../../../testing/table-scan.ts'
import { anyStep } from '../../../testing/any-step.ts'
import { type Command, decide } from '../index.ts'

const seed = 20_250_101

type Settling = Extract<Order, { command: 'complete' | 'fail' }>

/** The ways in which a current or former holder may end a claim. */
const settlingsOf = (state: State): ReadonlyArray<Settling> =>
  allTasks(state).flatMap(({ id: taskId, claim: held, settled }) => {
    const worker = held?.worker ?? settled?.worker ?? 'ann'
    const fail = { command: 'fail', worker, taskId, error: 'no' } as const
    const complete = { command: 'complete', worker, taskId } as const
    return held === undefined ? [complete] : [complete, fail, { ...fail, retryInMs: 0 }]
  })

/** Ends a claim and claims the next task, in one decision and in two; returns the number of events of the second. */
const compare = (
  state: State,
  log: ReadonlyArray<Event>,
  settling: Settling,
  kinds: ReadonlyArray<string>,
  reading: ClockReading,
): number => {
  const settled = decide({ ...settling, ...reading }, state)
  const together = decide({ ...settling, ...reading, claimNext: { kinds, leaseMs: minuteMs } }, state)
  if (E.isLeft(settled) || E.isLeft(together)) {
    expect(together).toEqual(settled)
    return 0
  }
  const then = fold(emptyState(), [...log, ...settled.right.events])
  const claimed = decide({ ...claim(settling.worker, ...kinds), leaseMs: minuteMs, ...reading } as Command, then)
  const { events, taskIds, seq } = E.isLeft(claimed) ? { events: [], taskIds: [], seq: 0 } : claimed.right
  const none = refusalOf(claimed)
  const both = [...settled.right.events, ...events]
  expect(together.right).toEqual({
    _tag: both.length === 0 ? 'Unchanged' : 'Append',
    events: both,
    taskIds: settled.right.taskIds,
    seq: none === undefined ? seq : settled.right.seq,
    next: none === undefined ? { taskId: taskIds[0] } : { none },
  })
  return events.length
}

const seen = (state: State): unknown => [JSON.stringify(allTasks(state)), ...indicesOf(state)]

describe(`after random commands (seed ${seed})`, () => {
  it('ending a claim and claiming the next task is the same as doing both one after the other at the same time', () => {
    let events = 0
    const property = fc.property(fc.array(anyStep, { minLength: 1, maxLength: 60, size: 'max' }), steps => {
      const log = [...beginning]
      walk(
        steps,
        ({ decided }) => {
          if (E.isRight(decided)) log.push(...decided.right.events)
        },
        (state, command) => {
          const before = seen(state)
          for (const settling of settlingsOf(state))
            for (const kinds of [[], ['docs'], ['ci', 'docs']])
              events += compare(state, log, settling, kinds, readingOf(command))
          expect(seen(state)).toEqual(before)
        },
      )
    })
    fc.assert(property, { seed, numRuns: 25 })
    expect(events).toBeGreaterThan(1000)
  })
})
