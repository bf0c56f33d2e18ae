import * as E from 'fp-ts/lib/Either.js'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Event, timeFromMs, timeToMs } from '@claimlog/domain'
import { memoryLog, memoryStorage } from '@claimlog/event-log'
import type { CommandInput } from './command-input.ts'
import { claimWhenReady } from './waiting/claim-when-ready.ts'
import { waitForTasks } from './waiting/wait-for-tasks.ts'
import { openWorkspace, type Workspace } from './workspace.ts'
import type { LogAhead } from './workspace-notice.ts'

const noonMs = timeToMs('2025-01-01T12:00:00.000Z')
const minuteMs = 60_000

const right = <L, A>(either: E.Either<L, A>): A => {
  if (E.isLeft(either)) throw new Error(JSON.stringify(either.left))
  return either.right
}

/** Two workspaces on a log whose own clock is at noon, with the claim of `ann` on `a` for `leaseMs`. */
const openShared = async (logNow: () => number, leaseMs: number) => {
  const storage = memoryStorage<Event>(logNow)
  const notices: Array<LogAhead> = []
  const open = (): Workspace => openWorkspace({ log: memoryLog(storage), notify: notice => void notices.push(notice) })
  const run = async (input: CommandInput) => right(await open().run(input)())
  await run({ command: 'open', workspace: 'w' })
  await run({ command: 'add', tasks: [{ kind: 'docs', taskId: 'a', maxAttempts: 2 }] })
  await run({ command: 'claim', worker: 'ann', kinds: [], leaseMs })
  return { open, notices, events: storage.events }
}

const claimOfBob = { command: 'claim', worker: 'bob', kinds: [] } as const

describe.each([-20, 20])('on a machine whose clock is %s minutes ahead of that of its log', aheadMinutes => {
  beforeEach(() => {
    vi.useFakeTimers({ now: noonMs + aheadMinutes * minuteMs, toFake: ['Date'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('a lease lasts as long as by the clock of the log, and all lines have its time', async () => {
    let nowMs = noonMs
    const { open, events, notices } = await openShared(() => nowMs, 15 * minuteMs)
    nowMs += 15 * minuteMs - 1
    expect(await open().run(claimOfBob)()).toMatchObject(E.left({ error: 'no_ready_task' }))
    nowMs += 1
    expect(right(await open().run(claimOfBob)())).toMatchObject({ tasks: [{ claim: { worker: 'bob' } }] })
    expect(events.map(({ time }) => (timeToMs(time) - noonMs) / minuteMs)).toEqual([0, 0, 0, 15])
    expect(events.filter(({ boot, clock }) => boot !== undefined || clock !== undefined)).toEqual([])
    expect(notices).toEqual([])
  })

  it('status, list, show and why have the time of the log', async () => {
    let nowMs = noonMs
    const { open } = await openShared(() => nowMs, 15 * minuteMs)
    nowMs += 14 * minuteMs
    const workspace = open()
    const leaseUntil = timeFromMs(noonMs + 15 * minuteMs)
    const claim = { worker: 'ann', leaseUntil }
    expect(right(await workspace.query((_, now) => now)())).toBe(timeFromMs(nowMs))
    expect(workspace.now()).toBe(nowMs)
    expect(right(await workspace.status())).toMatchObject({
      time: timeFromMs(noonMs),
      claims: [{ ...claim, lapsed: false }],
    })
    expect(right(await workspace.list()())).toMatchObject({ tasks: [{ claim }] })
    expect(right(await workspace.show('a')())).toMatchObject({ claim })
    expect(right(await workspace.why('a')())).toMatchObject({ guards: [{ until: leaseUntil }] })
    nowMs += minuteMs
    expect(right(await workspace.why('a')())).toMatchObject({ guards: [] })
  })

  it('a point in time is in the future if it is for the log', async () => {
    let nowMs = noonMs
    const { open } = await openShared(() => nowMs, 15 * minuteMs)
    nowMs += 10 * minuteMs
    const listMinute = (minutes: number) =>
      open()
        .at({ time: timeFromMs(noonMs + minutes * minuteMs) })
        .list()()
    expect(E.isRight(await listMinute(10))).toBe(true)
    expect(await listMinute(11)).toMatchObject(E.left({ error: 'bad_input' }))
  })

  it('a worker that waits claims a task when its lease has expired by the clock of the log', async () => {
    const startMs = performance.now()
    const logNow = (): number => noonMs + performance.now() - startMs
    const { open, events } = await openShared(logNow, 200)
    const claimed = right(await claimWhenReady(open(), claimOfBob, { waitMs: 30_000 })())
    expect(claimed).toMatchObject({ tasks: [{ claim: { worker: 'bob' } }] })
    const [first, second] = events.filter(({ event }) => event === 'claimed') as [Event, Event]
    expect(timeToMs(second.time) - timeToMs(first.time)).toBeGreaterThanOrEqual(200)
  })

  it('a process that waits for a task learns that it has failed when its last lease has expired', async () => {
    const startMs = performance.now()
    const { open } = await openShared(() => noonMs + performance.now() - startMs, 1)
    right(await claimWhenReady(open(), { ...claimOfBob, leaseMs: 100 }, { waitMs: 30_000 })())
    expect(right(await waitForTasks(open(), ['a'], { waitMs: 30_000 })())).toMatchObject({
      tasks: [{ id: 'a', status: 'failed' }],
    })
  })
})

it('a log whose lines are ahead of its own clock says that it is not the clock of the machine', async () => {
  let nowMs = noonMs
  const { open, notices } = await openShared(() => nowMs, minuteMs)
  nowMs -= 10 * minuteMs
  right(await open().status())
  expect(notices).toEqual([{ notice: 'LogAhead', time: timeFromMs(noonMs), nowMs, clock: 'log' }])
})
