import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  allTasks,
  decide,
  emptyState,
  type Event,
  fold,
  isAboutTask,
  isFinished,
  isLive,
  laterTime,
  timeToMs,
  type State,
  type Task,
  timeFromMs,
} from '@claimlog/domain'
import { added, at, addCommandTime, minuteMs, opened, type UntimedCommand, time } from '@claimlog/domain/testing'
import type { LaneView, TraceView } from '../documents/trace.ts'
import { traceView } from './trace.ts'

const seed = 20_250_101
const taskId = fc.constantFrom('t', 'u')
const worker = fc.constantFrom('ann', 'bob')
const holder = { taskId, worker }
const leaseMs = fc.constantFrom(undefined, minuteMs, 3 * minuteMs, null)

const command: fc.Arbitrary<UntimedCommand> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ command: fc.constant('claim'), worker, kinds: fc.constant(['docs']), leaseMs }) },
  {
    weight: 2,
    arbitrary: fc.record({ ...holder, command: fc.constant('renew'), leaseMs, progress: fc.nat({ max: 9 }) }),
  },
  { weight: 1, arbitrary: fc.record({ ...holder, command: fc.constant('complete') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      ...holder,
      command: fc.constant('fail'),
      error: fc.constant('no'),
      retryInMs: fc.constantFrom(undefined, 1, null, 2 * minuteMs),
    }),
  },
  { weight: 1, arbitrary: fc.record({ ...holder, command: fc.constant('release') }) },
  { weight: 1, arbitrary: fc.record({ taskId, command: fc.constantFrom('hold', 'unhold') }) },
  { weight: 1, arbitrary: fc.record({ taskId, command: fc.constantFrom('cancel', 'retry', 'retry') }) },
  { weight: 1, arbitrary: fc.record({ taskId, command: fc.constant('note'), text: fc.constant('hm') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      taskId: fc.constant('u'),
      command: fc.constant('amend'),
      needs: fc.constantFrom([], ['t']),
      maxAttempts: fc.constantFrom(2, 3),
    }),
  },
)

type CommandStep = { readonly minutes: number; readonly command: UntimedCommand }
const history: fc.Arbitrary<ReadonlyArray<CommandStep>> = fc.array(
  fc.record({ minutes: fc.constantFrom(0, 0, 1, 2, 3, 16), command }),
  { minLength: 5, maxLength: 40 },
)

/** Visits every state after each step, with the events so far and the time half a minute later. */
const visitStates = (
  steps: ReadonlyArray<CommandStep>,
  visit: (state: State, log: ReadonlyArray<Event>, now: string) => void,
): void => {
  const log: Array<Event> = at(0, opened(), added('t', 'docs'), added('u', 'docs', { needs: ['t'] })).map(
    (event, i) => ({ ...event, seq: i + 1 }),
  )
  let state = fold(emptyState(), log)
  let minutes = 0
  for (const { minutes: passedMinutes, command: input } of steps) {
    minutes += passedMinutes
    const decided = decide(addCommandTime(minutes, input), state)
    const events = E.isLeft(decided) ? [] : decided.right.events
    state = fold(state, events)
    log.push(...events)
    visit(state, log, laterTime(state.time, timeFromMs(timeToMs(time(minutes)) + minuteMs / 2)))
  }
}

const check = (property: (view: TraceView, task: Task, now: string) => void): void =>
  fc.assert(
    fc.property(history, steps =>
      visitStates(steps, (state, log, now) => {
        for (const task of allTasks(state))
          property(traceView(state, task, log.filter(isAboutTask(task.id)), now), task, now)
      }),
    ),
    { seed, numRuns: 150 },
  )

/** The phase of the task at `now` according to its record. */
const currentPhase = ({ claim, hold, attempts, ...task }: Task, now: string): string => {
  if (isFinished({ ...task, attempts })) return 'finished'
  if (hold !== undefined) return 'held'
  if (claim !== undefined && isLive(claim, now)) return `running ${claim.worker} ${claim.token} ${claim.attempt}`
  return 'waiting or retrying'
}

const lanePhase = (lane: LaneView | undefined): string => {
  if (lane === undefined || lane.until !== undefined) return 'finished'
  if (lane.lane === 'running') return `running ${lane.worker} ${lane.token} ${lane.attempt}`
  return lane.lane === 'held' ? 'held' : 'waiting or retrying'
}

describe(`for any history of two tasks, one of which depends on the other (seed ${seed}),`, () => {
  it('the lanes follow each other without a gap, except while the task was finished, and only the last is open', () => {
    check(({ lanes, steps }) => {
      const retries = new Set(steps.filter(({ event }) => event === 'retried').map(step => step.time))
      for (const [i, { from, until }] of lanes.entries()) {
        const previous = lanes[i - 1]
        if (previous === undefined) expect(from).toBe(steps[0]?.time)
        else if (previous.until !== from) {
          expect(['completed', 'failed', 'cancelled']).toContain(previous.end)
          expect([retries.has(from), (previous.until ?? '~') < from]).toEqual([true, true])
        }
        if (until === undefined) expect(i).toBe(lanes.length - 1)
        else expect(until >= from).toBe(true)
      }
    })
  })

  it('the total times equal the lengths of the lanes and of the steps', () => {
    check(({ lanes, steps, phase, ...view }, _task, now) => {
      const sums = { waiting: 0, running: 0, retrying: 0, held: 0, finished: 0 }
      for (const step of steps) sums[step.phase ?? 'waiting'] += step.afterMs ?? 0
      sums[phase] += timeToMs(now) - timeToMs(steps.at(-1)?.time ?? now)
      const { finished, ...unfinishedSums } = sums
      const totals = {
        waiting: view.waitedMs,
        running: view.ranMs,
        retrying: view.retryingMs,
        held: view.heldMs,
      }
      expect(totals).toEqual(unfinishedSums)
      const laneTotals = { waiting: 0, running: 0, retrying: 0, held: 0 }
      for (const { lane, ms } of lanes) laneTotals[lane] += ms
      expect(laneTotals).toEqual(totals)
      expect(lanes.reduce((sum, { ms }) => sum + ms, finished)).toBe(timeToMs(now) - timeToMs(steps[0]?.time ?? now))
    })
  })

  it('the open lane agrees with the record of the task', () => {
    check(({ lanes, phase }, task, now) => {
      expect(lanePhase(lanes.at(-1))).toBe(currentPhase(task, now))
      expect(phase).toBe(isFinished(task) ? 'finished' : lanes.at(-1)?.lane)
    })
  })

  it('every attempt has lanes, with one token and one worker', () => {
    check(({ lanes, steps }) => {
      const claims = steps.filter(({ event }) => event === 'claimed')
      const running = lanes.filter(({ lane }) => lane === 'running')
      const attempts = running.map(({ token, worker, attempt }) => ({ token, worker, attempt }))
      const distinctAttempts = attempts.filter(({ token }, i) => attempts[i - 1]?.token !== token)
      expect(distinctAttempts).toEqual(claims.map(({ token, worker, attempt }) => ({ token, worker, attempt })))
    })
  })
})
