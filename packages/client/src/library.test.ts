import * as E from 'fp-ts/lib/Either.js'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest'
import * as byTaskEither from './fp-ts.ts'
import {
  type Claim,
  ClaimlogError,
  FailTask,
  type HandlerContext,
  init,
  open,
  type Queue,
  type QueueFailure,
  ReleaseTask,
  type Task,
} from './index.ts'

const newDir = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'claimlog-library-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return join(dir, 'queue')
}

const newQueue = async (): Promise<Queue> => {
  const queue = await init({ dir: newDir() })
  onTestFinished(queue.close)
  return queue
}

/** The error that a promise rejects with. */
const catchError = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing',
    (thrown: unknown) => thrown,
  )

describe('a queue with promises', () => {
  it('can be created, opened again, and shared', async () => {
    const dir = newDir()
    await using firstQueue = await init({ dir, maxAttempts: 1 })
    await using secondQueue = await open({ dir })
    const added = await firstQueue.add({ kind: 'docs', title: 'Read the docs' })
    expect(added).toMatchObject({ task: { id: 'docs-2', kind: 'docs', status: 'ready' }, seq: 2 })
    const claimed = await secondQueue.claim({ worker: 'ann', kinds: ['docs'] })
    expect(claimed).toMatchObject({ task: { id: 'docs-2' }, claim: { worker: 'ann', token: 3, attempt: 1 }, seq: 3 })
    const { token } = claimed.claim
    const done = await secondQueue.complete({ worker: 'ann', taskId: 'docs-2', token, result: { pages: 12 } })
    expect(done).toMatchObject({ task: { status: 'done', result: { pages: 12 } }, seq: 4 })
    expect(await firstQueue.status()).toMatchObject({ tasks: 1, seq: 4 })
    expect((await firstQueue.trace('docs-2')).steps.length).toBeGreaterThan(0)
  })

  it('rejects with the code, message, hint and data of a refusal', async () => {
    const queue = await newQueue()
    await queue.add({ kind: 'docs', taskId: 'a' })
    await queue.claim({ worker: 'ann' })
    const thrown = await catchError(queue.complete({ worker: 'bob', taskId: 'a' }))
    expect(thrown).toBeInstanceOf(Error)
    expect(thrown).toMatchObject({ name: 'ClaimlogError', error: 'not_holder', data: { taskId: 'a' } })
    expect(ClaimlogError.is(thrown)).toBe(true)
    expect(ClaimlogError.is(thrown, 'not_holder', 'lease_lost')).toBe(true)
    expect(ClaimlogError.is(thrown, 'lease_lost')).toBe(false)
    expect((thrown as ClaimlogError).hint).not.toBe('')
    expect((thrown as ClaimlogError).message).toContain('claimed by ann')
  })

  it('reports that there is no queue', async () => {
    expect(await catchError(open({ dir: newDir() }))).toMatchObject({ error: 'no_workspace' })
  })

  it('waits for work, for tasks and for an empty queue', async () => {
    const queue = await newQueue()
    const claiming = queue.claim({ worker: 'ann', wait: true })
    const emptying = queue.add({ kind: 'docs', taskId: 'a' }).then(() => queue.waitUntilEmpty())
    const { claim } = await claiming
    const finished = queue.waitFor(['a'], { wait: 60_000 })
    await queue.complete({ worker: 'ann', taskId: 'a', token: claim.token })
    expect(await finished).toMatchObject({ open: [], tasks: [{ id: 'a', status: 'done' }] })
    await emptying
    expect(await catchError(queue.claim({ worker: 'ann', wait: 1 }))).toMatchObject({ error: 'wait_timeout' })
  })

  it('aborts a call when its signal aborts, with the reason of the signal and without a change', async () => {
    const queue = await newQueue()
    const reason = new Error('enough')
    const stop = new AbortController()
    const claiming = catchError(queue.claim({ worker: 'ann', wait: true, signal: stop.signal }))
    stop.abort(reason)
    expect(await claiming).toBe(reason)
    expect(await catchError(queue.add({ kind: 'docs' }, { signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(await queue.status()).toMatchObject({ tasks: 0, seq: 1 })
  })

  it('queries past states, and compares them with the current one', async () => {
    const queue = await newQueue()
    await queue.add({ kind: 'docs', taskId: 'a' })
    await queue.claim({ worker: 'ann' })
    await queue.complete({ worker: 'ann', taskId: 'a' })
    expect(await queue.show('a', { at: { seq: 2 } })).toMatchObject({ task: { status: 'ready' } })
    expect(await queue.status({ at: { seq: 1 } })).toMatchObject({ tasks: 0 })
    expect(await queue.diff({ seq: 2 })).toMatchObject({ from: { seq: 2 }, to: { seq: 4 } })
    const reason = new Error('enough')
    for (const query of [
      queue.list({}, { signal: AbortSignal.abort(reason) }),
      queue.diff({ seq: 2 }, undefined, { signal: AbortSignal.abort(reason) }),
    ])
      expect(await catchError(query)).toBe(reason)
  })

  it('returns a result that was decided before its signal aborted', async () => {
    const queue = await newQueue()
    const stop = new AbortController()
    const adding = queue.add({ kind: 'docs' }, { signal: stop.signal })
    await adding
    stop.abort()
    expect(await queue.status()).toMatchObject({ tasks: 1 })
  })

  it('yields each event once as it is appended, until the signal aborts', async () => {
    const queue = await newQueue()
    const stop = new AbortController()
    const seen: Array<string> = []
    const following = (async () => {
      for await (const event of queue.follow({ after: 1, signal: stop.signal })) {
        seen.push(event.event)
        if (seen.length === 2) stop.abort()
      }
    })()
    await queue.add({ kind: 'docs' })
    await queue.claim({ worker: 'ann' })
    await following
    expect(seen).toEqual(['added', 'claimed'])
  })

  it('runs a worker whose handler returns the result or throws', async () => {
    const queue = await newQueue()
    for (const taskId of ['fine', 'broken', 'never', 'elsewhere'])
      await queue.add({ kind: taskId === 'elsewhere' ? 'ci' : 'docs', taskId, maxAttempts: 1 })
    const handler = async ({ task, progress }: HandlerContext): Promise<string> => {
      await progress({ at: task.id })
      if (task.id === 'broken') throw new Error('no such page')
      if (task.id === 'never') throw new FailTask('gone for good', { retryInMs: null })
      return `read ${task.id}`
    }
    expect(await queue.worker('docs', handler, { until: 'drained' })).toMatchObject({ completed: 1, failed: 2 })
    expect(await queue.show('fine')).toMatchObject({ task: { status: 'done', result: 'read fine' } })
    expect(await queue.show('broken')).toMatchObject({ task: { status: 'failed', error: 'no such page' } })
    expect(await queue.show('never')).toMatchObject({ task: { status: 'failed', error: 'gone for good' } })
    const releaseTask = (): never => {
      throw new ReleaseTask('not here')
    }
    expect(await queue.worker([], releaseTask, { maxTasks: 1 })).toMatchObject({ released: 1 })
    expect(await queue.show('elsewhere')).toMatchObject({ task: { status: 'ready' }, attempts: 0 })
  })

  it('stops its workers when it is closed, and releases their tasks', async () => {
    const dir = newDir()
    const queue = await init({ dir })
    await queue.add({ kind: 'docs', taskId: 'a' })
    const working = queue.worker('docs', async ({ signal }) => {
      await new Promise(resolve => signal.addEventListener('abort', resolve))
    })
    while ((await queue.status()).claims.length === 0) await new Promise(resolve => setTimeout(resolve, 5))
    await queue.close()
    expect(await working).toMatchObject({ ended: 'stopped', released: 1 })
    await using again = await open({ dir })
    expect(await again.show('a')).toMatchObject({ task: { status: 'ready' }, attempts: 0 })
  })
})

describe('a queue with task-eithers', () => {
  it('returns the same results, and refusals as data', async () => {
    const result = await byTaskEither.init({ dir: newDir() })()
    if (E.isLeft(result)) throw new Error('it could not be opened')
    const queue = result.right
    onTestFinished(queue.close)
    expect(await queue.claim({ worker: 'ann', kinds: ['docs'] })()).toMatchObject(
      E.left({ error: 'no_ready_task', kinds: ['docs'] }),
    )
    expect(await queue.add({ kind: 'docs' })()).toMatchObject(E.right({ task: { id: 'docs-2' }, seq: 2 }))
    const summary = await queue.worker(
      'docs',
      ({ task }) =>
        async () => ({ outcome: 'completed', result: task.id }),
      {
        until: 'drained',
      },
    )()
    expect(summary).toMatchObject(E.right({ ended: 'drained', completed: 1 }))
    const aborted = await queue.claim({ worker: 'ann', wait: true, signal: AbortSignal.abort('no') })()
    expect(aborted).toEqual(E.left({ failure: 'Aborted', reason: 'no' }))
  })
})

describe('the types', () => {
  it('describe the results', () => {
    type ExpectedClaimResult = { readonly task: Task; readonly claim: Claim } & { readonly seq: number }
    expectTypeOf<Queue['claim']>().returns.toEqualTypeOf<Promise<ExpectedClaimResult>>()
    expectTypeOf<byTaskEither.Queue['claim']>().returns.toEqualTypeOf<
      () => Promise<E.Either<QueueFailure, ExpectedClaimResult>>
    >()
    expectTypeOf<Queue>().toExtend<AsyncDisposable>()
    expectTypeOf<Parameters<Queue['claim']>[0]>().toHaveProperty('signal')
  })

  it('narrow an error by its code', () => {
    const thrown: unknown = undefined
    if (ClaimlogError.is(thrown, 'lease_lost', 'not_holder'))
      expectTypeOf(thrown.error).toEqualTypeOf<'lease_lost' | 'not_holder'>()
  })
})
