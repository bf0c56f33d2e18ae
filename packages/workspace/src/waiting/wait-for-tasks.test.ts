import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { NewTask } from '@claimlog/domain'
import type { WaitProgress } from '@claimlog/wire'
import { waitingScene } from '../../testing/waiting-scene.ts'
import { waitForTasks, waitUntilEmpty } from './wait-for-tasks.ts'

/** Less than the minute after which a waiter checks in any case, so that this does not end the waiting. */
const timeoutOptions = { timeout: 30_000 }

const task = (taskId: string, more: Partial<NewTask> = {}): NewTask => ({ kind: 'docs', taskId, ...more })

const outcomes = (result: E.Either<unknown, WaitProgress>): unknown =>
  E.isLeft(result) ? result.left : result.right.tasks.map(({ id, status }) => `${id} ${status}`)

describe('a process that waits for tasks', timeoutOptions, () => {
  it('is woken when the last of them is finished, in any way, and learns how each ended', async () => {
    const { workspace, run, waitForCheck } = await waitingScene(task('a'), task('b'), task('c'))
    await run({ command: 'cancel', taskId: 'c' })
    const waiting = waitForTasks(workspace, ['b', 'a', 'c'])()
    await waitForCheck()
    await run({ command: 'claim', worker: 'ann', kinds: [], count: 2 })
    await run({ command: 'complete', worker: 'ann', taskId: 'a' })
    await waitForCheck()
    await run({ command: 'fail', worker: 'ann', taskId: 'b', error: 'no', retryInMs: null })
    expect(outcomes(await waiting)).toEqual(['b failed', 'a done', 'c cancelled'])
  })

  it('is woken when the last lease of one expires, though no process records it', async () => {
    const { workspace, run, history } = await waitingScene(task('a', { maxAttempts: 1 }))
    await run({ command: 'claim', worker: 'bob', kinds: [], leaseMs: 100 })
    expect(outcomes(await waitForTasks(workspace, ['a'])())).toEqual(['a failed'])
    expect(history()).toEqual(['bob claimed a'])
  })

  it('learns at each check which tasks can never finish', async () => {
    const { workspace, run, waitForCheck } = await waitingScene(task('a', { needs: ['b'] }), task('b', { kind: 'ci' }))
    const unsatisfiableIds: Array<string> = []
    const waiting = waitForTasks(workspace, ['a'], {}, ({ stuck }) =>
      unsatisfiableIds.push(stuck.map(({ taskId }) => taskId).join()),
    )()
    await waitForCheck()
    await run({ command: 'cancel', taskId: 'b' })
    await waitForCheck()
    await run({ command: 'cancel', taskId: 'a' })
    expect(outcomes(await waiting)).toEqual(['a cancelled'])
    expect([...new Set(unsatisfiableIds)]).toEqual(['', 'a'])
  })

  it('is refused once the log was moved, unless they were all finished before', async () => {
    const { workspace, run, waitForCheck } = await waitingScene(task('a'), task('b'))
    await run({ command: 'cancel', taskId: 'b' })
    const waiting = waitForTasks(workspace, ['a'])()
    const waitingForAll = waitUntilEmpty(workspace, [])()
    await waitForCheck()
    const target = 'postgres://db/claimlog?workspace=docs'
    await run({ command: 'move', target, logId: '0d9c7a52-6a0e-4f0e-9c1b-2f6f3c8e1a11' })
    expect(outcomes(await waiting)).toEqual({ error: 'workspace_moved', target })
    expect(await waitingForAll).toEqual(E.left({ error: 'workspace_moved', target }))
    expect(outcomes(await waitForTasks(workspace, ['b'])())).toEqual(['b cancelled'])
  })

  it('is refused at once if there is no such task', async () => {
    const { workspace } = await waitingScene(task('a'))
    expect(outcomes(await waitForTasks(workspace, ['a', 'b'])())).toEqual({ error: 'unknown_task', taskId: 'b' })
  })

  it('waits no longer than its limit, and learns which are not finished', async () => {
    const { workspace, checkCount } = await waitingScene(...Array.from({ length: 12 }, (_, i) => task(`t${i}`)))
    const taskIds = Array.from({ length: 12 }, (_, i) => `t${i}`)
    const still = { open: 12, taskIds: taskIds.slice(0, 10) }
    expect(outcomes(await waitForTasks(workspace, taskIds, { waitMs: 0 })())).toEqual({
      failure: 'WaitTimeout',
      waitedMs: 0,
      still,
    })
    expect(checkCount()).toBe(1)
    expect(outcomes(await waitForTasks(workspace, taskIds, { waitMs: 30 })())).toMatchObject({ waitedMs: 30, still })
  })

  it('stops when its signal aborts', async () => {
    const { workspace, waitForCheck } = await waitingScene(task('a'))
    const stop = new AbortController()
    const waiting = waitForTasks(workspace, ['a'], { signal: stop.signal })()
    await waitForCheck()
    stop.abort('enough')
    expect(outcomes(await waiting)).toEqual({ failure: 'Aborted', reason: 'enough' })
  })
})

describe('a process that waits until nothing is left to do', timeoutOptions, () => {
  it('learns at which event that was so', async () => {
    const { workspace } = await waitingScene()
    expect(await waitUntilEmpty(workspace, [])()).toEqual(E.right({ seq: 1 }))
  })

  it('is woken when the last task of the kind is finished, whatever tasks other kinds have', async () => {
    const { workspace, run, waitForCheck } = await waitingScene(task('a'), task('x', { kind: 'ci' }))
    const waiting = waitUntilEmpty(workspace, ['docs'])()
    await waitForCheck()
    await run({ command: 'claim', worker: 'ann', kinds: ['docs'] })
    await waitForCheck()
    await run({ command: 'complete', worker: 'ann', taskId: 'a' })
    expect(await waiting).toEqual(E.right({ seq: 5 }))
  })

  it('is woken when the last lease expires', async () => {
    const { workspace, run } = await waitingScene(task('a', { maxAttempts: 1 }))
    await run({ command: 'claim', worker: 'bob', kinds: [], leaseMs: 100 })
    expect(await waitUntilEmpty(workspace, [])()).toEqual(E.right({ seq: 3 }))
  })

  it('waits no longer than its limit, and learns how many are left', async () => {
    const { workspace } = await waitingScene(task('a'), task('b', { needs: ['a'] }))
    expect(await waitUntilEmpty(workspace, [], { waitMs: 0 })()).toEqual(
      E.left({ failure: 'WaitTimeout', waitedMs: 0, still: { open: 2, taskIds: [] } }),
    )
  })
})
