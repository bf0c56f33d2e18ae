import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { NewTask } from './decide/new-task.ts'
import type { Decided } from './decide/decision.ts'
import { type Command, decide } from './decide/index.ts'
import { added, at, limited, minuteMs, opened, type Order, paused, resumed, time } from './decider-specification.ts'
import { decodeEvent, encodeEvent, type Event } from './event/index.ts'
import { fold } from './evolve.ts'
import { inconsistency } from './meaning.ts'
import { isBlocked, type QueueModel, queueModel, runOnModel } from './queue-model.ts'
import type { ModelTask } from './queue-model-task.ts'
import { allTasks, emptyState, type State } from './state.ts'
import { indicesByScan, indicesOf } from './table-scan.ts'
import { later, msOf, timeOf } from './time.ts'
import { queueFileText } from './views/queue-file.ts'

/** One thing that happens: a command, or an order of a person that is an event by itself; `minutes` since the last. */
type Step = { readonly minutes: number; readonly order: Order | { readonly rule: Event } }

const seed = 20_250_101
const workers = fc.constantFrom('ann', 'bob', 'cem')
const ids = fc.constantFrom('t0', 't1', 't2', 't3', '__proto__')
const kind = fc.constantFrom('docs', 'ci')
const token = fc.option(fc.integer({ min: 1, max: 25 }), { nil: undefined, freq: 4 })
const leaseMs = fc.constantFrom(undefined, undefined, null, minuteMs, 5 * minuteMs, 30 * minuteMs)

const newTask: fc.Arbitrary<NewTask> = fc.record({
  kind,
  taskId: fc.option(ids, { nil: undefined, freq: 6 }),
  priority: fc.constantFrom(undefined, undefined, 0, 9),
  needs: fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.array(ids, { maxLength: 2 }) },
  ),
  notBefore: fc.constantFrom(undefined, undefined, undefined, time(20)),
  maxAttempts: fc.constantFrom(undefined, 1, 2),
  key: fc.constantFrom(undefined, undefined, undefined, 'k'),
})

const held = { worker: workers, taskId: ids, token }
const order: fc.Arbitrary<Step['order']> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ command: fc.constant('add' as const), tasks: fc.array(newTask, { maxLength: 3 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      command: fc.constant('claim' as const),
      worker: workers,
      kinds: fc.array(kind, { maxLength: 2 }),
      taskId: fc.option(ids, { nil: undefined, freq: 2 }),
      leaseMs,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      ...held,
      command: fc.constant('renew' as const),
      leaseMs,
      progress: fc.constantFrom(undefined, { done: 1 }, { done: 2 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      ...held,
      command: fc.constant('complete' as const),
      result: fc.constantFrom(undefined, 1, 2),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      ...held,
      command: fc.constant('fail' as const),
      error: fc.constant('no'),
      retryInMs: fc.constantFrom(undefined, undefined, null, 3 * minuteMs),
    }),
  },
  { weight: 2, arbitrary: fc.record({ ...held, command: fc.constant('release' as const) }) },
  { weight: 1, arbitrary: fc.record({ command: fc.constant('hold' as const), taskId: ids }) },
  { weight: 1, arbitrary: fc.record({ command: fc.constant('unhold' as const), taskId: ids }) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(paused('docs'), resumed('docs'), limited('ci', 1), limited('ci', null))
      .map(saying => ({ rule: saying as Event })),
  },
  // Bad input changes nothing, wherever it comes.
  {
    weight: 1,
    arbitrary: fc.record({
      command: fc.constant('claim' as const),
      worker: fc.constant('a b'),
      kinds: fc.constant([]),
    }),
  },
)

const minutes = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 4 }) },
  { weight: 2, arbitrary: fc.constantFrom(15, 16, 40) },
  { weight: 1, arbitrary: fc.integer({ min: -40, max: -1 }) },
)
const steps: fc.Arbitrary<ReadonlyArray<Step>> = fc.array(fc.record({ minutes, order }), {
  minLength: 5,
  maxLength: 50,
})

/** The log's first lines: five tasks there are to fight for. */
const beginning: ReadonlyArray<Event> = [
  ...at(0, opened({ backoff: { firstMs: minuteMs, maxMs: 10 * minuteMs } })),
  ...at(0, added('t0', 'docs'), added('t1', 'ci', { maxAttempts: 1 }), added('t2', 'docs', { needs: ['t0'] })),
].map((event, i) => ({ ...event, seq: i + 1 }))

/** A step that was taken, and the state it led to. A step that is no command is an event by itself. */
type Taken = { readonly command?: Command; readonly decided: Decided; readonly state: State }

/** Goes through the steps, shows each to `watch`, and returns the log. */
const walk = (all: ReadonlyArray<Step>, watch: (taken: Taken) => void = () => undefined): ReadonlyArray<Event> => {
  let state = fold(emptyState(), beginning)
  const log = [...beginning]
  let nowMs = msOf(time(0))
  for (const step of all) {
    nowMs += step.minutes * minuteMs
    const command = 'rule' in step.order ? undefined : ({ ...step.order, nowMs } as Command)
    const decided = 'rule' in step.order ? ruled(state, step.order.rule, nowMs) : decide(state, command as Command)
    const events = E.isLeft(decided) ? [] : decided.right.events
    state = fold(state, events)
    log.push(...events)
    watch({ command, decided, state })
  }
  return log
}

const ruled = (state: State, rule: Event, nowMs: number): Decided => {
  const event = { ...rule, seq: state.seq + 1, time: later(state.time, timeOf(nowMs)) }
  return E.right({ events: [event], taskIds: [], seq: event.seq })
}

const check = (numRuns: number, property: (all: ReadonlyArray<Step>) => void): void =>
  fc.assert(fc.property(steps, property), { seed, numRuns })

const ruleModel = (model: QueueModel, decided: Decided): void => {
  const [event] = E.isRight(decided) ? decided.right.events : []
  if (event === undefined) return
  model.seq += 1
  model.time = msOf(event.time)
  if (event.event === 'paused') model.paused.add(event.kind)
  if (event.event === 'resumed') model.paused.delete(event.kind)
  if (event.event === 'limited') model.limits.set(event.kind, event.limit ?? Infinity)
}

const statusOf = (model: QueueModel, task: ModelTask): string =>
  task.end ?? (isBlocked(model, task) ? 'blocked' : 'ready')

describe(`whatever is asked in whatever order, and however the clock runs (seed ${seed})`, () => {
  it('the rules answer as the plain model of a queue does', () => {
    check(500, all => {
      const model = queueModel(msOf(time(0)))
      for (const event of beginning)
        if (event.event === 'added') {
          const { taskId, kind, needs, maxAttempts } = event
          const said = { taskId, kind, needs, maxAttempts }
          runOnModel(model, { command: 'add', nowMs: msOf(time(0)), tasks: [said] })
        }
      walk(all, ({ state, command, decided }) => {
        if (command === undefined) return ruleModel(model, decided)
        if (E.isLeft(decided) && decided.left.error === 'bad_input') return
        const expected = runOnModel(model, command)
        const actual = E.isLeft(decided)
          ? { answer: decided.left.error, taskIds: [], events: 0 }
          : { answer: 'ok', taskIds: decided.right.taskIds, events: decided.right.events.length }
        expect({
          ...actual,
          tasks: allTasks(state).map(({ id, status, claim }) => [id, status, claim?.worker, claim?.token]),
        }).toEqual({
          ...expected,
          tasks: model.tasks.map(task => [task.id, statusOf(model, task), task.claim?.worker, task.claim?.token]),
        })
      })
    })
  })

  it('no task ever has two holders, as anybody can see from the events', () => {
    check(300, all => {
      const holders = new Map<string, { readonly worker: string; readonly token: number; readonly until: string }>()
      for (const event of walk(all)) {
        if (!('taskId' in event)) continue
        const holder = holders.get(event.taskId)
        if (event.event === 'claimed') expect(holder === undefined || holder.until <= event.time).toBe(true)
        if ('token' in event) expect([event.worker, event.token]).toEqual([holder?.worker, holder?.token])
        if (event.event === 'claimed' || event.event === 'renewed') {
          const { worker } = event
          const until = event.leaseUntil ?? '~'
          holders.set(event.taskId, { worker, token: event.event === 'claimed' ? event.seq : event.token, until })
        } else holders.delete(event.taskId)
      }
    })
  })

  it('the same words again at the same moment write nothing new', () => {
    check(300, all => {
      walk(all, ({ state, command, decided }) => {
        if (command === undefined || E.isLeft(decided)) return
        const makesAnother =
          command.command === 'claim'
            ? command.taskId === undefined
            : command.command === 'add' &&
              command.tasks.some(task => task.taskId === undefined && task.key === undefined)
        if (makesAnother) return
        const again = decide(state, command)
        expect(E.isRight(again) ? again.right.events : again.left).toEqual([])
      })
    })
  })

  it('every event makes sense where it stands, and is read back as it was written', () => {
    check(200, all => {
      let state = emptyState()
      for (const event of walk(all)) {
        expect(inconsistency(state, event)).toBe(undefined)
        expect(event.seq).toBe(state.seq + 1)
        expect(event.time >= state.time).toBe(true)
        const line = encodeEvent(event)
        const read = decodeEvent(JSON.parse(line))
        if (E.isLeft(read)) throw new Error(read.left.detail)
        expect(encodeEvent(read.right)).toBe(line)
        state = fold(state, [read.right])
      }
    })
  })

  it('at every line, each task is in one place and only ready tasks are claimed', () => {
    check(200, all => {
      let state = emptyState()
      for (const event of walk(all)) {
        state = fold(state, [event])
        expect(indicesOf(state)).toEqual(indicesByScan(state))
        for (const task of allTasks(state)) {
          expect(task.claim === undefined || task.status === 'ready').toBe(true)
          const needs = new Set(task.spec.needs)
          const open = [...needs].filter(need => state.table.get(need)?.status !== 'done').length
          expect(task.openNeeds).toBe(open)
          const blocked = open > 0 || task.hold !== undefined
          if (task.finished === undefined) expect(task.status).toBe(blocked ? 'blocked' : 'ready')
          else expect(['done', 'failed', 'cancelled']).toContain(task.status)
        }
      }
    })
  })

  it('the state of a whole log is that of its end on top of its beginning', () => {
    check(200, all => {
      const log = walk(all)
      const whole = fold(emptyState(), log)
      const cut = Math.floor(log.length / 2)
      const joined = fold(fold(emptyState(), log.slice(0, cut)), log.slice(cut))
      expect(allTasks(joined)).toEqual(allTasks(whole))
      expect(queueFileText(joined)).toBe(queueFileText(whole))
      expect(indicesOf(joined)).toEqual(indicesOf(whole))
      expect({ ...joined, table: undefined }).toEqual({ ...whole, table: undefined })
    })
  })

  it('deciding changes nothing, and what is waited for lies ahead', () => {
    check(200, all => {
      walk(all, ({ state, command, decided }) => {
        if (command === undefined) return
        const before = [JSON.stringify(allTasks(state)), ...indicesOf(state)]
        decide(state, command)
        expect([JSON.stringify(allTasks(state)), ...indicesOf(state)]).toEqual(before)
        if (E.isLeft(decided) && decided.left.error === 'no_ready_task') {
          const { nextAt } = decided.left.waiting
          expect(nextAt === undefined || nextAt > later(state.time, timeOf(command.nowMs))).toBe(true)
        }
      })
    })
  })
})
