import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { NewTask } from '@claimlog/domain'
import { type ClaimOrder, claimWhenReady, type GiveUp } from './claim-when-ready.ts'
import type { Waiting } from './wait-until.ts'
import { type Scene, waitingScene } from '../../testing/waiting-scene.ts'

/** Less than the minute after which a waiter checks in any case, so that this does not end the waiting. */
const soon = { timeout: 30_000 }

const task = (taskId: string, more: Partial<NewTask> = {}): NewTask => ({ kind: 'docs', taskId, ...more })

const claims = (
  { workspace }: Pick<Scene, 'workspace'>,
  more: Partial<ClaimOrder> = {},
  waiting: Waiting = {},
  giveUp?: GiveUp,
) => claimWhenReady(workspace, { command: 'claim', worker: 'ann', kinds: [], ...more }, waiting, giveUp)()

type Claiming = ReturnType<typeof claims>

const claimedBy = async (claiming: Claiming): Promise<ReadonlyArray<string>> => {
  const claimed = await claiming
  if (E.isLeft(claimed)) throw new Error(JSON.stringify(claimed.left))
  return claimed.right.tasks.map(({ task: { id } }) => id)
}

const refusedTo = async (claiming: Claiming): Promise<unknown> => {
  const claimed = await claiming
  return E.isLeft(claimed) ? claimed.left : 'not refused'
}

describe('a worker that waits for work', soon, () => {
  it('gets a ready task at once', async () => {
    const scene = await waitingScene(task('a'))
    expect(await claimedBy(claims(scene))).toEqual(['a'])
  })

  it('is woken by what another process appends, but claims only its own kinds', async () => {
    const scene = await waitingScene()
    const claiming = claims(scene, { kinds: ['docs'] })
    await scene.looked()
    await scene.order({ command: 'add', tasks: [{ taskId: 'x', kind: 'ci' }] })
    await scene.looked()
    await scene.order({ command: 'add', tasks: [task('a')] })
    expect(await claimedBy(claiming)).toEqual(['a'])
  })

  it('is one of several that each get one task', async () => {
    const scene = await waitingScene()
    const claiming = ['ann', 'bob', 'cy'].map(worker => claimedBy(claims(scene, { worker })))
    await scene.order({ command: 'add', tasks: [task('a'), task('b'), task('c')] })
    expect((await Promise.all(claiming)).flat().sort()).toEqual(['a', 'b', 'c'])
  })

  it('is woken when a lease expires', async () => {
    const scene = await waitingScene(task('a'))
    await scene.order({ command: 'claim', worker: 'bob', kinds: [], leaseMs: 100 })
    expect(await claimedBy(claims(scene))).toEqual(['a'])
    expect(scene.story()).toEqual(['bob claimed a', 'ann claimed a'])
  })

  it('is woken when a task is due', async () => {
    const scene = await waitingScene(task('a', { notBefore: new Date(Date.now() + 300).toISOString() }))
    expect(await claimedBy(claims(scene))).toEqual(['a'])
  })

  it('is woken when a failed task may be tried again', async () => {
    const scene = await waitingScene(task('a'))
    await scene.order({ command: 'claim', worker: 'bob', kinds: [] })
    await scene.order({ command: 'fail', worker: 'bob', taskId: 'a', error: 'no', retryInMs: 300 })
    expect(await claimedBy(claims(scene))).toEqual(['a'])
  })

  it.each([
    ['is paused', { command: 'pause', kind: 'docs' }, { command: 'resume', kind: 'docs' }],
    [
      'has its limit reached',
      { command: 'limit', kind: 'docs', limit: 1 },
      { command: 'limit', kind: 'docs', limit: 2 },
    ],
  ] as const)('waits while the kind %s', async (_, close, open) => {
    const scene = await waitingScene(task('a'), task('b'))
    await scene.order({ command: 'claim', worker: 'bob', kinds: [] })
    await scene.order(close)
    const claiming = claims(scene)
    await scene.looked()
    await scene.order(open)
    expect(await claimedBy(claiming)).toEqual(['b'])
  })

  it('records expired claims with no attempts left, and keeps waiting', async () => {
    const scene = await waitingScene(task('a', { maxAttempts: 1 }))
    await scene.order({ command: 'claim', worker: 'bob', kinds: [], leaseMs: 100 })
    const claiming = claims(scene)
    await scene.logHas('bob failed a')
    await scene.order({ command: 'add', tasks: [task('b')] })
    expect(await claimedBy(claiming)).toEqual(['b'])
    expect(scene.story()).toEqual(['bob claimed a', 'bob failed a', 'ann claimed b'])
  })

  it('stops when its signal aborts, with nothing changed', async () => {
    const scene = await waitingScene()
    const stop = new AbortController()
    const claiming = claims(scene, {}, { signal: stop.signal })
    await scene.looked()
    stop.abort('enough')
    expect(await refusedTo(claiming)).toEqual({ failure: 'Aborted', reason: 'enough' })
    await scene.order({ command: 'add', tasks: [task('a')] })
    expect(await refusedTo(claims(scene, {}, { signal: stop.signal }))).toEqual({
      failure: 'Aborted',
      reason: 'enough',
    })
    expect(scene.story()).toEqual([])
  })

  it('waits no longer than its limit, and learns what blocked at the end', async () => {
    const scene = await waitingScene(task('a', { needs: ['b'] }), task('b', { kind: 'ci' }))
    expect(await refusedTo(claims(scene, { kinds: ['docs'] }, { waitMs: 50 }))).toMatchObject({
      failure: 'WaitTimeout',
      waitedMs: 50,
      still: { error: 'no_ready_task', kinds: ['docs'], waiting: { kinds: [{ kind: 'docs', blocked: 1 }] } },
    })
  })

  it('checks once if its limit is 0', async () => {
    const scene = await waitingScene()
    expect(await refusedTo(claims(scene, {}, { waitMs: 0 }))).toMatchObject({ failure: 'WaitTimeout', waitedMs: 0 })
    expect(scene.looks()).toBe(1)
    await scene.order({ command: 'add', tasks: [task('a')] })
    expect(await claimedBy(claims(scene, {}, { waitMs: 0 }))).toEqual(['a'])
  })

  it('ends with the refusal if waiting is pointless', async () => {
    const scene = await waitingScene()
    expect(await refusedTo(claims(scene, {}, {}, () => true))).toMatchObject({ error: 'no_ready_task' })
    await scene.order({ command: 'add', tasks: [task('a')] })
    expect(await claimedBy(claims(scene, {}, {}, () => true))).toEqual(['a'])
  })
})

describe('a worker that waits for one task', soon, () => {
  it('waits while it is on hold', async () => {
    const scene = await waitingScene(task('a'), task('b'))
    await scene.order({ command: 'hold', taskId: 'a' })
    const claiming = claims(scene, { taskId: 'a' })
    await scene.looked()
    await scene.order({ command: 'unhold', taskId: 'a' })
    expect(await claimedBy(claiming)).toEqual(['a'])
  })

  it('waits while the task depends on another, and while another worker has it', async () => {
    const scene = await waitingScene(task('a', { needs: ['b'] }), task('b'))
    const claiming = claims(scene, { taskId: 'a' })
    await scene.looked()
    await scene.order({ command: 'claim', worker: 'bob', kinds: [], taskId: 'b' })
    await scene.order({ command: 'complete', worker: 'bob', taskId: 'b', claimNext: { kinds: [] } })
    await scene.order({ command: 'release', worker: 'bob', taskId: 'a' })
    expect(await claimedBy(claiming)).toEqual(['a'])
  })

  it('is woken when the lease expires, and when the task is due', async () => {
    const scene = await waitingScene(task('a', { notBefore: new Date(Date.now() + 200).toISOString() }))
    expect(await claimedBy(claims(scene, { taskId: 'a', worker: 'bob', leaseMs: 100 }))).toEqual(['a'])
    expect(await claimedBy(claims(scene, { taskId: 'a' }))).toEqual(['a'])
  })

  it('is refused at once if there is no such task, or it is finished', async () => {
    const scene = await waitingScene(task('a'))
    expect(await refusedTo(claims(scene, { taskId: 'b' }))).toMatchObject({ error: 'unknown_task' })
    await scene.order({ command: 'cancel', taskId: 'a' })
    expect(await refusedTo(claims(scene, { taskId: 'a' }))).toMatchObject({ error: 'task_finished' })
  })

  it('is refused if the task is finished meanwhile, or has no attempts left', async () => {
    const scene = await waitingScene(task('a'), task('b', { maxAttempts: 1 }))
    await scene.order({ command: 'hold', taskId: 'a' })
    await scene.order({ command: 'claim', worker: 'bob', kinds: [], taskId: 'b', leaseMs: 100 })
    const finished = claims(scene, { taskId: 'a' })
    await scene.looked()
    await scene.order({ command: 'cancel', taskId: 'a' })
    expect(await refusedTo(finished)).toMatchObject({ error: 'task_finished', status: 'cancelled' })
    expect(await refusedTo(claims(scene, { taskId: 'b' }))).toMatchObject({ error: 'attempts_used_up' })
  })

  it('learns what blocks the task when time is up', async () => {
    const scene = await waitingScene(task('a'))
    await scene.order({ command: 'hold', taskId: 'a', reason: 'ask' })
    expect(await refusedTo(claims(scene, { taskId: 'a' }, { waitMs: 20 }))).toMatchObject({
      failure: 'WaitTimeout',
      still: { error: 'task_held', taskId: 'a', hold: { reason: 'ask' } },
    })
  })
})
