import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { NewTask } from '@claimlog/domain'
import { type ClaimInput, claimWhenReady, type ShouldStopWaiting } from './claim-when-ready.ts'
import type { WaitLimits } from './wait-until.ts'
import { type WaitingScene, waitingScene } from '../../testing/waiting-scene.ts'

/** Less than the minute after which a waiter checks in any case, so that this does not end the waiting. */
const timeoutOptions = { timeout: 30_000 }

const task = (taskId: string, more: Partial<NewTask> = {}): NewTask => ({ kind: 'docs', taskId, ...more })

const waitToClaim = (
  { workspace }: Pick<WaitingScene, 'workspace'>,
  more: Partial<ClaimInput> = {},
  limits: WaitLimits = {},
  shouldStop?: ShouldStopWaiting,
) => claimWhenReady(workspace, { command: 'claim', worker: 'ann', kinds: [], ...more }, limits, shouldStop)()

type ClaimPromise = ReturnType<typeof waitToClaim>

const claimedIds = async (claimPromise: ClaimPromise): Promise<ReadonlyArray<string>> => {
  const result = await claimPromise
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right.tasks.map(({ task: { id } }) => id)
}

const getRefusal = async (claimPromise: ClaimPromise): Promise<unknown> => {
  const result = await claimPromise
  return E.isLeft(result) ? result.left : 'not refused'
}

describe('a worker that waits for work', timeoutOptions, () => {
  it('gets a ready task at once', async () => {
    const scene = await waitingScene(task('a'))
    expect(await claimedIds(waitToClaim(scene))).toEqual(['a'])
  })

  it('is woken by what another process appends, but claims only its own kinds', async () => {
    const scene = await waitingScene()
    const claimPromise = waitToClaim(scene, { kinds: ['docs'] })
    await scene.waitForCheck()
    await scene.run({ command: 'add', tasks: [{ taskId: 'x', kind: 'ci' }] })
    await scene.waitForCheck()
    await scene.run({ command: 'add', tasks: [task('a')] })
    expect(await claimedIds(claimPromise)).toEqual(['a'])
  })

  it('is one of several that each get one task', async () => {
    const scene = await waitingScene()
    const claimPromise = ['ann', 'bob', 'cy'].map(worker => claimedIds(waitToClaim(scene, { worker })))
    await scene.run({ command: 'add', tasks: [task('a'), task('b'), task('c')] })
    expect((await Promise.all(claimPromise)).flat().sort()).toEqual(['a', 'b', 'c'])
  })

  it('is woken when a lease expires', async () => {
    const scene = await waitingScene(task('a'))
    await scene.run({ command: 'claim', worker: 'bob', kinds: [], leaseMs: 100 })
    expect(await claimedIds(waitToClaim(scene))).toEqual(['a'])
    expect(scene.history()).toEqual(['bob claimed a', 'ann claimed a'])
  })

  it('is woken when a task is due', async () => {
    const scene = await waitingScene(task('a', { notBefore: new Date(Date.now() + 300).toISOString() }))
    expect(await claimedIds(waitToClaim(scene))).toEqual(['a'])
  })

  it('is woken when a failed task may be tried again', async () => {
    const scene = await waitingScene(task('a'))
    await scene.run({ command: 'claim', worker: 'bob', kinds: [] })
    await scene.run({ command: 'fail', worker: 'bob', taskId: 'a', error: 'no', retryInMs: 300 })
    expect(await claimedIds(waitToClaim(scene))).toEqual(['a'])
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
    await scene.run({ command: 'claim', worker: 'bob', kinds: [] })
    await scene.run(close)
    const claimPromise = waitToClaim(scene)
    await scene.waitForCheck()
    await scene.run(open)
    expect(await claimedIds(claimPromise)).toEqual(['b'])
  })

  it('records expired claims with no attempts left, and keeps waiting', async () => {
    const scene = await waitingScene(task('a', { maxAttempts: 1 }))
    await scene.run({ command: 'claim', worker: 'bob', kinds: [], leaseMs: 100 })
    const claimPromise = waitToClaim(scene)
    await scene.waitForLine('bob failed a')
    await scene.run({ command: 'add', tasks: [task('b')] })
    expect(await claimedIds(claimPromise)).toEqual(['b'])
    expect(scene.history()).toEqual(['bob claimed a', 'bob failed a', 'ann claimed b'])
  })

  it('stops when its signal aborts, with nothing changed', async () => {
    const scene = await waitingScene()
    const stop = new AbortController()
    const claimPromise = waitToClaim(scene, {}, { signal: stop.signal })
    await scene.waitForCheck()
    stop.abort('enough')
    expect(await getRefusal(claimPromise)).toEqual({ failure: 'Aborted', reason: 'enough' })
    await scene.run({ command: 'add', tasks: [task('a')] })
    expect(await getRefusal(waitToClaim(scene, {}, { signal: stop.signal }))).toEqual({
      failure: 'Aborted',
      reason: 'enough',
    })
    expect(scene.history()).toEqual([])
  })

  it('waits no longer than its limit, and learns what blocked at the end', async () => {
    const scene = await waitingScene(task('a', { needs: ['b'] }), task('b', { kind: 'ci' }))
    expect(await getRefusal(waitToClaim(scene, { kinds: ['docs'] }, { waitMs: 50 }))).toMatchObject({
      failure: 'WaitTimeout',
      waitedMs: 50,
      still: { error: 'no_ready_task', kinds: ['docs'], waiting: { kinds: [{ kind: 'docs', blocked: 1 }] } },
    })
  })

  it('checks once if its limit is 0', async () => {
    const scene = await waitingScene()
    expect(await getRefusal(waitToClaim(scene, {}, { waitMs: 0 }))).toMatchObject({
      failure: 'WaitTimeout',
      waitedMs: 0,
    })
    expect(scene.checkCount()).toBe(1)
    await scene.run({ command: 'add', tasks: [task('a')] })
    expect(await claimedIds(waitToClaim(scene, {}, { waitMs: 0 }))).toEqual(['a'])
  })

  it('ends with the refusal if waiting is pointless', async () => {
    const scene = await waitingScene()
    expect(await getRefusal(waitToClaim(scene, {}, {}, () => true))).toMatchObject({ error: 'no_ready_task' })
    await scene.run({ command: 'add', tasks: [task('a')] })
    expect(await claimedIds(waitToClaim(scene, {}, {}, () => true))).toEqual(['a'])
  })
})

describe('a worker that waits for one task', timeoutOptions, () => {
  it('waits while it is on hold', async () => {
    const scene = await waitingScene(task('a'), task('b'))
    await scene.run({ command: 'hold', taskId: 'a' })
    const claimPromise = waitToClaim(scene, { taskId: 'a' })
    await scene.waitForCheck()
    await scene.run({ command: 'unhold', taskId: 'a' })
    expect(await claimedIds(claimPromise)).toEqual(['a'])
  })

  it('waits while the task depends on another, and while another worker has it', async () => {
    const scene = await waitingScene(task('a', { needs: ['b'] }), task('b'))
    const claimPromise = waitToClaim(scene, { taskId: 'a' })
    await scene.waitForCheck()
    await scene.run({ command: 'claim', worker: 'bob', kinds: [], taskId: 'b' })
    await scene.run({ command: 'complete', worker: 'bob', taskId: 'b', claimNext: { kinds: [] } })
    await scene.run({ command: 'release', worker: 'bob', taskId: 'a' })
    expect(await claimedIds(claimPromise)).toEqual(['a'])
  })

  it('is woken when the lease expires, and when the task is due', async () => {
    const scene = await waitingScene(task('a', { notBefore: new Date(Date.now() + 200).toISOString() }))
    expect(await claimedIds(waitToClaim(scene, { taskId: 'a', worker: 'bob', leaseMs: 100 }))).toEqual(['a'])
    expect(await claimedIds(waitToClaim(scene, { taskId: 'a' }))).toEqual(['a'])
  })

  it('is refused at once if there is no such task, or it is finished', async () => {
    const scene = await waitingScene(task('a'))
    expect(await getRefusal(waitToClaim(scene, { taskId: 'b' }))).toMatchObject({ error: 'unknown_task' })
    await scene.run({ command: 'cancel', taskId: 'a' })
    expect(await getRefusal(waitToClaim(scene, { taskId: 'a' }))).toMatchObject({ error: 'task_finished' })
  })

  it('is refused if the task is finished meanwhile, or has no attempts left', async () => {
    const scene = await waitingScene(task('a'), task('b', { maxAttempts: 1 }))
    await scene.run({ command: 'hold', taskId: 'a' })
    await scene.run({ command: 'claim', worker: 'bob', kinds: [], taskId: 'b', leaseMs: 100 })
    const finished = waitToClaim(scene, { taskId: 'a' })
    await scene.waitForCheck()
    await scene.run({ command: 'cancel', taskId: 'a' })
    expect(await getRefusal(finished)).toMatchObject({ error: 'task_finished', status: 'cancelled' })
    expect(await getRefusal(waitToClaim(scene, { taskId: 'b' }))).toMatchObject({ error: 'attempts_used_up' })
  })

  it('learns what blocks the task when time is up', async () => {
    const scene = await waitingScene(task('a'))
    await scene.run({ command: 'hold', taskId: 'a', reason: 'ask' })
    expect(await getRefusal(waitToClaim(scene, { taskId: 'a' }, { waitMs: 20 }))).toMatchObject({
      failure: 'WaitTimeout',
      still: { error: 'task_held', taskId: 'a', hold: { reason: 'ask' } },
    })
  })
})
