import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { timeToMs, toElapsedEvent, advanceTimeline, timeFromMs } from './time/clock.ts'
import { listGuards } from './decide/claims/guards.ts'
import { type Command, decide, shiftCommandTimes } from './decide/index.ts'
import type { Decision } from './decide/decision.ts'
import type { NewTask } from './decide/tasks/new-task.ts'
import { claim, claimById, minuteMs, msAfterNoon, getRefusal } from '../testing/decider-specification.ts'
import { decodeEvent, encodeEvent, type Event } from './events/index.ts'
import { fold } from './evolve/evolve.ts'
import { invariantViolation } from './evolve/invariants.ts'
import { runOnModel, modelStatus } from '../testing/model/queue-model.ts'
import { queueModel } from '../testing/model/model-state.ts'
import { initialEvents, commandReading, type ModelStep, trueTimeMs, runSteps } from '../testing/model/model-run.ts'
import { allTasks } from './queries/tasks.ts'
import { emptyState, allowedAttempts } from './state/state.ts'
import { scanIndices, dumpIndices } from '../testing/table-scan.ts'
import { isClaimedFirst, isFinished } from './state/task.ts'
import { anyStep } from '../testing/any-step.ts'

const seed = 20_250_101

/** True if repeating the batch would find every task: ids are unique, and tasks without an id have a key. */
const isRepeatable = (tasks: ReadonlyArray<NewTask>): boolean =>
  tasks.every(({ taskId, key }) => taskId !== undefined || key !== undefined) &&
  new Set(tasks.map(({ taskId, key }) => taskId ?? `key ${key}`)).size === tasks.length

/** The task that was claimed as the next one. */
const nextTaskId = (decision: Decision): string | undefined =>
  'next' in decision && decision.next !== undefined && 'taskId' in decision.next ? decision.next.taskId : undefined

const yearMs = 365 * 24 * 60 * minuteMs
const trueMsMax = Date.UTC(8999, 0)

/** The log of a run, on elapsed time, with the true time of each event. */
const eventsWithTrueTime = (
  steps: ReadonlyArray<ModelStep>,
): ReadonlyArray<{ readonly event: Event; readonly now: string }> => {
  const log = initialEvents.map(event => ({ event, now: event.time }))
  let before = fold(emptyState(), initialEvents)
  runSteps(steps, ({ command, decided }) => {
    if (E.isLeft(decided)) return
    for (const line of decided.right.events) {
      const { time } = advanceTimeline(before, line)
      log.push({ event: toElapsedEvent(line, time), now: timeFromMs(trueTimeMs(command)) })
      before = fold(before, [line])
    }
  })
  return log
}

const check = (numRuns: number, property: (steps: ReadonlyArray<ModelStep>) => void): void =>
  fc.assert(fc.property(fc.array(anyStep, { minLength: 1, maxLength: 60, size: 'max' }), property), { seed, numRuns })

describe(`for random commands and clocks (seed ${seed})`, () => {
  it('the rules agree with the plain model of a queue', () => {
    check(2500, steps => {
      const model = queueModel()
      for (const event of initialEvents)
        if (event.event === 'added') {
          const { taskId, kind, needs, priority, maxAttempts } = event
          runOnModel(
            model,
            { command: 'add', nowMs: msAfterNoon(0), tasks: [{ taskId, kind, needs, priority, maxAttempts }] },
            msAfterNoon(0),
          )
        }
      runSteps(steps, ({ state, command, decided }) => {
        if ('worker' in command && command.worker === 'a b') return
        const expected = runOnModel(
          model,
          shiftCommandTimes(command, trueTimeMs(command) - command.nowMs),
          trueTimeMs(command),
        )
        const { taskIds, events } = E.isLeft(decided) ? { taskIds: [], events: [] } : decided.right
        const next = E.isLeft(decided) ? undefined : nextTaskId(decided.right)
        const actual = { answer: getRefusal(decided)?.error ?? 'ok', taskIds, events: events.length, next }
        expect({
          ...actual,
          tasks: allTasks(state).map(task => [
            task.id,
            task.kind,
            task.status,
            task.attempts,
            task.claim?.worker,
            task.claim?.token,
          ]),
        }).toEqual({
          next: undefined,
          ...expected,
          tasks: model.tasks.map(task => [
            task.id,
            task.spec.kind,
            modelStatus(model, task),
            task.attempts,
            task.claim?.worker,
            task.claim?.token,
          ]),
        })
      })
    })
  })

  it('no task ever has two holders, judged from the events alone', () => {
    check(300, steps => {
      const holders = new Map<string, { readonly worker: string; readonly token: number; readonly until: string }>()
      for (const { event, now } of eventsWithTrueTime(steps)) {
        if (!('taskId' in event)) continue
        const holder = holders.get(event.taskId)
        if (event.event === 'claimed') expect(holder === undefined || holder.until <= now).toBe(true)
        if ('token' in event) expect([event.worker, event.token]).toEqual([holder?.worker, holder?.token])
        if (event.event === 'claimed' || event.event === 'renewed') {
          const { worker } = event
          const until = event.leaseUntil ?? '~'
          holders.set(event.taskId, { worker, token: event.event === 'claimed' ? event.seq : event.token, until })
        } else if (event.event !== 'amended' && event.event !== 'noted') holders.delete(event.taskId)
      }
    })
  })

  it('the same command again at the same time writes nothing', () => {
    check(300, steps => {
      runSteps(steps, ({ state, command, decided }) => {
        if (E.isLeft(decided) || decided.right._tag === 'RefusedWithEvents') return
        const isNotIdempotent =
          (command.command === 'claim' && (command.taskId === undefined || command.expectSeq !== undefined)) ||
          command.command === 'note' ||
          ('claimNext' in command && command.claimNext !== undefined) ||
          (command.command === 'add' && !isRepeatable(command.tasks))
        if (isNotIdempotent && (command.requestId === undefined || decided.right.events.length === 0)) return
        const repeated = decide(command, state)
        expect(E.isRight(repeated) ? repeated.right.events : repeated.left).toEqual([])
      })
    })
  })

  it('a repeated request id returns the events of the first time, even for another command', () => {
    check(200, steps => {
      const log = [...initialEvents]
      runSteps(steps, ({ command, decided }) => {
        const earlier = log.filter(event => event.requestId !== undefined && event.requestId === command.requestId)
        if (earlier.length > 0 && !('worker' in command && command.worker === 'a b')) {
          const [firstSeq = 0, lastSeq = 0] = [earlier.at(0)?.seq, earlier.at(-1)?.seq]
          const repeats = { firstSeq, lastSeq }
          expect(decided).toEqual(E.right({ _tag: 'Repeats', events: [], taskIds: [], seq: lastSeq, repeats }))
        }
        if (E.isRight(decided)) log.push(...decided.right.events)
      })
    })
  })

  it('every event is consistent with the state before it, and is read back as it was written', () => {
    check(250, steps => {
      let state = emptyState()
      for (const event of runSteps(steps)) {
        expect(invariantViolation(state, event)).toBe(undefined)
        const line = encodeEvent(event)
        const read = decodeEvent(JSON.parse(line))
        if (E.isLeft(read)) throw new Error(read.left.detail)
        expect(encodeEvent(read.right)).toBe(line)
        state = fold(state, [read.right])
      }
    })
  })

  it('after every event, each task has one index entry, only ready tasks are claimed, and no attempts exceed the maximum', () => {
    check(250, steps => {
      let state = emptyState()
      for (const event of runSteps(steps)) {
        state = fold(state, [event])
        expect(dumpIndices(state)).toEqual(scanIndices(state))
        for (const task of allTasks(state)) {
          expect(task.claim === undefined || task.status === 'ready').toBe(true)
          const open = [...new Set(task.spec.needs)].filter(need => state.table.get(need)?.status !== 'done').length
          expect(task.openNeeds).toBe(open)
          const blocked = open > 0 || task.hold !== undefined
          if (task.finished === undefined) expect(task.status).toBe(blocked ? 'blocked' : 'ready')
          else expect(isFinished(task)).toBe(true)
          const attemptsLeft = allowedAttempts(state, task) - task.attempts
          if (task.finished === undefined) expect(attemptsLeft).toBeGreaterThanOrEqual(task.claim === undefined ? 1 : 0)
        }
      }
    })
  })

  it('a task can be claimed by id exactly if it has no guards, and a claim of its kind gets the first such task', () => {
    check(250, steps => {
      runSteps(steps, undefined, (state, command) => {
        const reading = commandReading(command)
        const now = timeFromMs(trueTimeMs(command))
        const free = allTasks(state).filter(task => listGuards(state, task, now).length === 0)
        for (const { id } of allTasks(state)) {
          const decided = decide({ ...claimById('eve', id), ...reading }, state)
          expect([id, getRefusal(decided) === undefined]).toEqual([id, free.some(task => task.id === id)])
        }
        for (const kinds of [[], ['docs'], ['ci'], ['ci', 'docs']]) {
          const [first] = free
            .filter(task => kinds.length === 0 || kinds.includes(task.kind))
            .sort((a, b) => (isClaimedFirst(a, b) ? -1 : 1))
          const decided = decide({ ...claim('eve', ...kinds), ...reading }, state)
          const { taskIds } = E.isRight(decided) ? decided.right : { taskIds: [] }
          const answer = getRefusal(decided)?.error ?? taskIds
          expect(answer).toEqual(first === undefined ? 'no_ready_task' : [first.id])
        }
      })
    })
  })

  it('no claim and no renewal exceeds the limit of a kind', () => {
    check(1500, steps => {
      const limits = new Map<string, number>()
      const tasks = new Map<string, { kind: string; until?: string }>()
      const live = (kind: string, now: string): number =>
        [...tasks.values()].filter(task => task.kind === kind && task.until !== undefined && now < task.until).length
      const applyEvent = (event: Event): void => {
        if (event.event === 'limited') limits.set(event.kind, event.limit ?? Infinity)
        if (event.event === 'added') tasks.set(event.taskId, { kind: event.kind })
        const task = 'taskId' in event ? tasks.get(event.taskId) : undefined
        if (task === undefined || event.event === 'added' || event.event === 'noted') return
        if (event.event === 'amended') task.kind = event.kind ?? task.kind
        else task.until = event.event === 'claimed' || event.event === 'renewed' ? (event.leaseUntil ?? '~') : undefined
      }
      for (const { event, now } of eventsWithTrueTime(steps)) {
        const kind = 'taskId' in event ? tasks.get(event.taskId)?.kind : undefined
        const before = kind === undefined ? 0 : live(kind, now)
        applyEvent(event)
        if (kind === undefined || (event.event !== 'claimed' && event.event !== 'renewed')) continue
        const after = live(kind, now)
        if (after > before) expect(after).toBeLessThanOrEqual(limits.get(kind) ?? Infinity)
      }
    })
  })

  it('folding a log in two parts gives the same state as folding it at once', () => {
    check(200, steps => {
      const log = runSteps(steps)
      const whole = fold(emptyState(), log)
      const cut = Math.floor(log.length / 2)
      const joined = fold(fold(emptyState(), log.slice(0, cut)), log.slice(cut))
      expect(allTasks(joined)).toEqual(allTasks(whole))
      expect(dumpIndices(joined)).toEqual(dumpIndices(whole))
      expect({ ...joined, table: undefined }).toEqual({ ...whole, table: undefined })
    })
  })

  it('deciding changes nothing, and the next time is in the future: until then there is nothing to claim', () => {
    check(200, steps => {
      runSteps(steps, ({ state, command, decided }) => {
        const before = [JSON.stringify(allTasks(state)), ...dumpIndices(state)]
        decide(command, state)
        expect([JSON.stringify(allTasks(state)), ...dumpIndices(state)]).toEqual(before)
        const refusal = getRefusal(decided)
        if (refusal?.error === 'no_ready_task') {
          const { nextAt } = refusal.waiting
          const { nowMs, boot, upMs = 0 } = commandReading(command)
          expect(nextAt === undefined || nextAt > timeFromMs(nowMs)).toBe(true)
          // It is wall clock time, which may drift by a second before the log corrects for it.
          const waitMs = nextAt === undefined ? 100 * yearMs : Math.max(0, timeToMs(nextAt) - nowMs - 1001)
          const laterReading = { nowMs: Math.min(nowMs + waitMs, trueMsMax), boot, upMs: upMs + waitMs }
          const decidedLater = decide({ ...command, ...laterReading, expectSeq: undefined } as Command, state)
          expect(getRefusal(decidedLater)?.error).toBe('no_ready_task')
        }
      })
    })
  })
})
