/** The views of a log that was started with a wrong clock equal those of a log with a right one. */
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  type ClockReading,
  type Command,
  decide,
  toElapsedTime,
  emptyState,
  type Event,
  fold,
  isAboutTask,
  withReading,
  type State,
  type TaskEvent,
} from '@claimlog/domain'
import { listView } from './list.ts'
import { primeView } from './prime.ts'
import { showView } from './show.ts'
import { statusView } from './status.ts'
import { traceView } from './trace.ts'
import { whyView } from './why.ts'

const dayMs = 86_400_000
const startMs = Date.parse('2026-03-01T12:00:00.000Z')

type LogState = { readonly log: ReadonlyArray<Event>; readonly state: State }

type CommandWithoutClock = Command extends infer C ? (C extends Command ? Omit<C, keyof ClockReading> : never) : never

/** The clocks of a machine `seconds` after the start, if its wall clock is `wrongMs` ahead. */
const readClocks = (seconds: number, wrongMs: number): ClockReading => ({
  nowMs: startMs + seconds * 1000 + wrongMs,
  boot: 'this-boot',
  upMs: 1_000_000 + seconds * 1000,
})

/** Applies the decision of a command that must succeed. */
const applyCommand = ({ log, state }: LogState, input: CommandWithoutClock, reading: ClockReading): LogState => {
  const decided = decide({ ...input, ...reading }, state)
  if (E.isLeft(decided)) throw new Error(JSON.stringify(decided.left))
  const { events } = decided.right
  return { log: [...log, ...events], state: fold(state, events) }
}

const getRefusal = ({ state }: LogState, input: CommandWithoutClock, reading: ClockReading): unknown => {
  const decided = decide({ ...input, ...reading }, state)
  return E.isLeft(decided) ? decided.left : decided.right
}

const collectViews = ({ log, state }: LogState, reading: ClockReading): unknown => {
  const current = withReading(state, reading)
  const now = toElapsedTime(current.time, current.clock, reading.nowMs)
  const task = current.table.get('later')
  if (task === undefined) throw new Error('there is no such task')
  const lines = log.filter((event): event is TaskEvent => isAboutTask('later')(event))
  return {
    list: listView(current, {}),
    show: ['t', 'due', 'held', 'later'].map(id => showView(current, id)),
    why: ['t', 'due', 'held', 'later', 'paused'].map(id => whyView(current, id, now)),
    status: statusView(current, now),
    prime: primeView(current, { worker: 'ann', kinds: [] }, now),
    trace: traceView(current, task, lines, now),
  }
}

/** Every view along the way, if the first commands ran with a clock that was `wrongMs` ahead. */
const collectHistory = (wrongMs: number): ReadonlyArray<unknown> => {
  let logState: LogState = { log: [], state: emptyState() }
  const first = readClocks(0, wrongMs)
  const due = new Date(first.nowMs + 3_600_000).toISOString()
  logState = applyCommand(logState, { command: 'open', workspace: 'w' }, first)
  const tasks = [{ taskId: 't' }, { taskId: 'due', notBefore: due }, { taskId: 'held' }]
  logState = applyCommand(logState, { command: 'add', tasks: tasks.map(task => ({ kind: 'docs', ...task })) }, first)
  logState = applyCommand(logState, { command: 'add', tasks: [{ taskId: 'paused', kind: 'ci' }] }, first)
  const soon = readClocks(10, 0)
  logState = applyCommand(logState, { command: 'claim', worker: 'ann', taskId: 't', kinds: [], leaseMs: 60_000 }, soon)
  logState = applyCommand(logState, { command: 'hold', taskId: 'held', reason: 'not now' }, soon)
  logState = applyCommand(logState, { command: 'pause', kind: 'ci' }, soon)
  logState = applyCommand(logState, { command: 'limit', kind: 'docs', limit: 1 }, soon)
  logState = applyCommand(logState, { command: 'add', tasks: [{ taskId: 'later', kind: 'x' }] }, soon)
  logState = applyCommand(logState, { command: 'claim', worker: 'cy', kinds: ['x'], leaseMs: 5000 }, soon)
  logState = applyCommand(
    logState,
    { command: 'fail', worker: 'cy', taskId: 'later', error: 'no', retryInMs: 600_000 },
    readClocks(12, 0),
  )
  const then = readClocks(20, 0)
  const claimCommand = (taskId: string): CommandWithoutClock => ({ command: 'claim', worker: 'bob', taskId, kinds: [] })
  const refusals = [
    ...['t', 'due', 'held', 'later', 'paused'].map(id => getRefusal(logState, claimCommand(id), then)),
    getRefusal(logState, { command: 'claim', worker: 'bob', kinds: [] }, then),
    getRefusal(logState, { command: 'complete', worker: 'bob', taskId: 't' }, then),
  ]
  const views = collectViews(logState, then)
  const late = readClocks(80, 0)
  const reclaimed = applyCommand(logState, claimCommand('t'), late)
  return [
    ...refusals,
    views,
    getRefusal(reclaimed, { command: 'complete', worker: 'ann', taskId: 't' }, late),
    collectViews(reclaimed, late),
  ]
}

describe('a log that was started with a wrong clock', () => {
  it.each([dayMs, -dayMs, 70 * 365 * dayMs])('%d ms ahead shows the same times as with a right one', wrongMs => {
    const [right, wrong] = [collectHistory(0), collectHistory(wrongMs)]
    expect(wrong).toEqual(right)
  })
})
