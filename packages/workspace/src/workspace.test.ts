import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { type Event, timeToMs } from '@claimlog/domain'
import { memoryLog, memoryStorage } from '@claimlog/event-log'
import type { CommandInput } from './command-input.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

const noon = timeToMs('2025-01-01T12:00:00.000Z')
const at = (minutes: number): string => new Date(noon + minutes * 60_000).toISOString()

/** A workspace on a log in memory, opened at noon, whose clock is set by hand. */
const workspaceAtNoon = async () => {
  const log = memoryLog(memoryStorage<Event>())
  let minutes = 0
  const workspace = openWorkspace({ log, clock: () => ({ nowMs: noon + minutes * 60_000 }) })
  const run = (input: CommandInput) => workspace.run(input)()
  const mustRun = async (input: CommandInput) => {
    const result = await run(input)
    if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
    return result.right
  }
  const lastSeq = async (): Promise<number> => {
    const end = await log.read(0, () => undefined)()
    return E.isRight(end) ? end.right : 0
  }
  await mustRun({ command: 'open', workspace: 'w' })
  return {
    workspace,
    run,
    mustRun,
    lastSeq,
    wait: (more: number) => {
      minutes += more
    },
  }
}

const add = (taskId: string, more: object = {}): CommandInput => ({
  command: 'add',
  tasks: [{ kind: 'docs', taskId, ...more }],
})
const claim = (worker: string, more: object = {}): CommandInput => ({
  command: 'claim',
  worker,
  kinds: ['docs'],
  ...more,
})

/** The result of every query, now or in the past. */
const queryAll = async (views: Pick<Workspace, 'list' | 'show' | 'status' | 'why'>, taskId: string) => ({
  list: await views.list()(),
  show: await views.show(taskId)(),
  status: await views.status(),
  why: await views.why(taskId)(),
})

describe('time travel', () => {
  it('returns every query as it was after an event, and as it was at a time', async () => {
    const { workspace, mustRun, wait } = await workspaceAtNoon()
    const expectedViews: Array<{ readonly seq: number; readonly time: string; readonly views: unknown }> = []
    const remember = async (seq: number, minutes: number): Promise<void> => {
      expectedViews.push({ seq, time: at(minutes), views: await queryAll(workspace, 'a') })
    }
    await remember((await mustRun(add('a', { notBefore: at(5) }))).seq, 0)
    wait(5)
    await remember((await mustRun(claim('ann'))).seq, 5)
    wait(20)
    await remember((await mustRun(claim('bob'))).seq, 25)
    wait(1)
    await remember((await mustRun({ command: 'complete', worker: 'bob', taskId: 'a' })).seq, 26)
    wait(1)
    await remember((await mustRun({ command: 'retry', taskId: 'a' })).seq, 27)
    for (const { seq, time, views } of expectedViews) {
      expect(await queryAll(workspace.at({ seq }), 'a')).toEqual(views)
      expect(await queryAll(workspace.at({ time }), 'a')).toEqual(views)
    }
  })

  it('uses the clock of the past: a lease that has expired since was live', async () => {
    const { workspace, mustRun, wait } = await workspaceAtNoon()
    await mustRun(add('a'))
    await mustRun(claim('ann'))
    wait(60)
    const now = await workspace.why('a')()
    const before = await workspace.at({ time: at(14) }).why('a')()
    expect(E.isRight(now) && now.right.claimable).toBe(true)
    expect(E.isRight(before) && before.right.guards.map(({ guard, until }) => [guard, until])).toEqual([
      ['claimed', at(15)],
    ])
  })

  it('refuses a point before the log was opened, after its end, or in the future', async () => {
    const { workspace, wait } = await workspaceAtNoon()
    wait(1)
    const points = [{ seq: 0 }, { seq: 2 }, { time: at(-1) }, { time: at(2) }]
    for (const point of points)
      expect(await workspace.at(point).list()()).toMatchObject({ left: { error: 'bad_input' } })
    expect(await workspace.at({ time: at(1) }).list()()).toEqual(E.right({ tasks: [], seq: 1 }))
  })

  it('lists the changes between two points in time, the later of which defaults to now', async () => {
    const { workspace, mustRun, wait } = await workspaceAtNoon()
    await mustRun(add('a'))
    wait(1)
    await mustRun(add('b', { needs: ['a'] }))
    await mustRun(claim('ann'))
    wait(1)
    await mustRun({ command: 'complete', worker: 'ann', taskId: 'a', result: 1 })
    await mustRun({ command: 'limit', kind: 'docs', limit: 2 })
    const expected = {
      from: { seq: 2, time: at(0) },
      to: { seq: 6, time: at(2) },
      tasks: [
        {
          id: 'a',
          kind: 'docs',
          added: false,
          changes: [
            { field: 'status', from: 'ready', to: 'done' },
            { field: 'attempts', from: 0, to: 1 },
            { field: 'result', to: 1 },
          ],
        },
        {
          id: 'b',
          kind: 'docs',
          added: true,
          changes: [
            { field: 'kind', to: 'docs' },
            { field: 'status', to: 'ready' },
            { field: 'needs', to: ['a'] },
            { field: 'attempts', to: 0 },
          ],
        },
      ],
      kinds: [{ kind: 'docs', changes: [{ field: 'limit', to: 2 }] }],
    }
    expect(await workspace.diff({ seq: 2 })()).toEqual(E.right(expected))
    expect(await workspace.diff({ time: at(0) }, { time: at(2) })()).toEqual(E.right(expected))
    expect(await workspace.diff({ seq: 6 }, { seq: 2 })()).toMatchObject({ left: { error: 'bad_input' } })
  })
})

describe('the same request, the same result', () => {
  it('returns the first result, whatever has happened since, and writes nothing', async () => {
    const { workspace, mustRun, lastSeq, wait } = await workspaceAtNoon()
    await mustRun(add('a', { priority: 0 }))
    const inputs: ReadonlyArray<CommandInput> = [
      { command: 'add', tasks: [{ kind: 'docs', taskId: 'a', priority: 0 }, { kind: 'docs' }], requestId: 'r1' },
      claim('ann', { requestId: 'r2' }),
      { command: 'renew', worker: 'ann', taskId: 'a', progress: 'half', leaseMs: null, requestId: 'r3' },
      { command: 'fail', worker: 'ann', taskId: 'a', error: 'no', requestId: 'r4' },
      { command: 'amend', taskId: 'a', title: 'A', requestId: 'r5' },
      { command: 'limit', kind: 'docs', limit: 1, requestId: 'r6' },
      { command: 'cancel', taskId: 'a', requestId: 'r7' },
    ]
    const first = []
    for (const input of inputs) {
      first.push(await mustRun(input))
      wait(1)
    }
    const end = await lastSeq()
    for (const [i, input] of inputs.entries()) expect(await mustRun(input)).toEqual(first[i])
    expect(await lastSeq()).toBe(end)
    expect(await workspace.list({ status: 'cancelled' })()).toMatchObject({ right: { tasks: [{ id: 'a' }] } })
  })

  it('also if the request recorded expired claims with no attempts left', async () => {
    const { mustRun, lastSeq, wait } = await workspaceAtNoon()
    await mustRun(add('dead', { maxAttempts: 1 }))
    await mustRun(add('next'))
    await mustRun(claim('ann', { leaseMs: 1000 }))
    wait(1)
    const first = await mustRun(claim('bob', { requestId: 'r', count: 5 }))
    expect([first.tasks.map(({ task }) => task.id), first.appended]).toEqual([['next'], 2])
    wait(60)
    expect(await mustRun(claim('bob', { requestId: 'r', count: 5 }))).toEqual(first)
    expect(await lastSeq()).toBe(6)
  })

  it('except for a claim that found nothing and only recorded an expired task: it may find one now', async () => {
    const { workspace, run, mustRun, lastSeq, wait } = await workspaceAtNoon()
    await mustRun(add('last', { maxAttempts: 1 }))
    await mustRun(claim('ann', { leaseMs: 1000 }))
    wait(1)
    const input = claim('bob', { requestId: 'r' })
    expect(await run(input)).toMatchObject({ left: { error: 'no_ready_task', waiting: { kinds: [], tasks: [] } } })
    expect(await lastSeq()).toBe(4)
    const error = `the lease expired at ${new Date(noon + 1000).toISOString()} and no attempts are left`
    expect(await workspace.list({ status: 'failed' })()).toMatchObject({ right: { tasks: [{ id: 'last', error }] } })
    await mustRun(add('another'))
    expect((await mustRun(input)).tasks.map(({ task }) => task.id)).toEqual(['another'])
  })

  it('but a different command with the same id is refused', async () => {
    const { run, mustRun, lastSeq } = await workspaceAtNoon()
    await mustRun(add('a'))
    await mustRun(add('b'))
    await mustRun(claim('ann', { requestId: 'r' }))
    const others: ReadonlyArray<CommandInput> = [
      claim('bob', { requestId: 'r' }),
      claim('ann', { requestId: 'r', count: 2 }),
      claim('ann', { requestId: 'r', leaseMs: 1 }),
      { command: 'cancel', taskId: 'a', requestId: 'r' },
    ]
    for (const input of others)
      expect(await run(input)).toEqual(E.left({ error: 'request_reused', requestId: 'r', seq: 4 }))
    expect(await lastSeq()).toBe(4)
  })
})

describe('ending a claim and claiming the next task', () => {
  const completeA = (more: object = {}): CommandInput => ({
    ...{ command: 'complete', worker: 'ann', taskId: 'a', claimNext: { kinds: ['docs'] } },
    ...more,
  })

  it('returns both tasks as the decision left them, whatever is submitted concurrently', async () => {
    const { workspace, mustRun } = await workspaceAtNoon()
    await mustRun(add('a'))
    await mustRun(add('b', { needs: ['a'] }))
    await mustRun(claim('ann'))
    const [result] = await Promise.all([
      workspace.run(completeA({ result: 12 }))(),
      workspace.run({ command: 'cancel', taskId: 'b' })(),
      workspace.run({ command: 'retry', taskId: 'a' })(),
    ])
    expect(result).toEqual(
      E.right({
        tasks: [{ task: { id: 'a', kind: 'docs', status: 'done', result: 12 } }],
        seq: 6,
        next: {
          task: { id: 'b', kind: 'docs', status: 'ready', needs: ['a'] },
          claim: { worker: 'ann', token: 6, attempt: 1, claimedAt: at(0), leaseUntil: at(15) },
        },
        appended: 2,
      }),
    )
  })

  it('returns the completion alone if nothing is ready, with the reason and the time of the next task', async () => {
    const { mustRun } = await workspaceAtNoon()
    await mustRun(add('a'))
    await mustRun(add('b', { notBefore: at(5) }))
    await mustRun(claim('ann'))
    const { tasks, seq, next, noNext, appended } = await mustRun(completeA())
    expect([tasks.map(({ task }) => task.status), seq, next, appended]).toEqual([['done'], 5, undefined, 1])
    expect(noNext).toMatchObject({ error: 'no_ready_task', kinds: ['docs'], waiting: { nextAt: at(5) } })
  })

  it('shows the same task twice if it is retried at once', async () => {
    const { mustRun } = await workspaceAtNoon()
    await mustRun(add('a'))
    await mustRun(claim('ann'))
    const { tasks, next } = await mustRun(completeA({ command: 'fail', error: 'no', retryInMs: 0 }))
    expect(tasks).toEqual([next])
    expect(next?.claim).toMatchObject({ worker: 'ann', attempt: 2 })
  })

  it('returns the first result for the same request, also if nothing was ready, or leases had expired', async () => {
    for (const others of [['b'], [], ['b', 'c']]) {
      const { mustRun, lastSeq, wait } = await workspaceAtNoon()
      await mustRun(add('dead', { maxAttempts: 1, priority: 0 }))
      await mustRun(claim('bob', { leaseMs: 1000 }))
      await mustRun(add('a'))
      await mustRun(claim('ann', { leaseMs: null }))
      for (const id of others) await mustRun(add(id))
      wait(1)
      const first = await mustRun(completeA({ requestId: 'r' }))
      expect([first.next?.task.id, first.appended]).toEqual([others[0], others.length === 0 ? 2 : 3])
      const end = await lastSeq()
      await mustRun(add('later', { priority: 0 }))
      wait(60)
      expect(await mustRun(completeA({ requestId: 'r' }))).toEqual(first)
      expect(await lastSeq()).toBe(end + 1)
    }
  })

  it('is refused if the same request has different options', async () => {
    const { run, mustRun } = await workspaceAtNoon()
    await mustRun(add('a'))
    await mustRun(add('b'))
    await mustRun(claim('ann'))
    await mustRun(completeA({ requestId: 'r' }))
    for (const claimNext of [undefined, { kinds: ['docs'], leaseMs: 1 }])
      expect(await run(completeA({ requestId: 'r', claimNext }))).toEqual(
        E.left({ error: 'request_reused', requestId: 'r', seq: 5 }),
      )
  })
})
