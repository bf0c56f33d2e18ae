import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it, onTestFinished } from 'vitest'
import * as byTaskEither from './fp-ts.ts'
import { ClaimlogError, init, open, type Queue } from './index.ts'

const newDir = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'claimlog-closing-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return join(dir, 'queue')
}

const createQueue = async (...taskIds: ReadonlyArray<string>): Promise<Queue> => {
  const queue = await init({ dir: newDir() })
  onTestFinished(queue.close)
  for (const taskId of taskIds) await queue.add({ kind: 'docs', taskId })
  return queue
}

/** The error code of a call. */
const readErrorCode = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'answered',
    (thrown: unknown) => (ClaimlogError.is(thrown) ? thrown.error : thrown),
  )

const readStatus = async ({ dir }: { readonly dir: string | undefined }, taskId: string): Promise<string> => {
  await using queue = await open({ dir })
  return (await queue.show(taskId)).task.status
}

const waits: ReadonlyArray<[string, (queue: Queue) => Promise<unknown>]> = [
  ['work', queue => queue.claim({ worker: 'ann', kinds: ['ci'], wait: true })],
  ['tasks', queue => queue.waitFor(['a'], { wait: 60_000 })],
  ['an empty queue', queue => queue.waitUntilEmpty()],
]

describe('a queue that is closed', () => {
  it.each(waits)('aborts a call that waits for %s', async (_, wait) => {
    const queue = await createQueue('a')
    const waiting = readErrorCode(wait(queue))
    await new Promise(resolve => setTimeout(resolve, 20))
    await queue.close()
    expect(await waiting).toBe('closed')
  })

  it('refuses every call with one code, a message and a hint', async () => {
    const queue = await createQueue('a')
    await Promise.all([queue.close(), queue.close()])
    await queue.close()
    for (const call of [
      () => queue.add({ kind: 'docs' }),
      () => queue.claim({ worker: 'ann' }),
      () => queue.list(),
      () => queue.status({ at: { seq: 1 } }),
      () => queue.trace('a'),
      () => queue.diff({ seq: 1 }),
      () => queue.worker('docs', () => null),
      () => queue.add({ kind: 'docs' }, { signal: AbortSignal.abort('enough') }),
      () => queue.follow()[Symbol.asyncIterator]().next(),
      ...waits.map(
        ([, wait]) =>
          () =>
            wait(queue),
      ),
    ])
      expect(await readErrorCode(call())).toBe('closed')
    await expect(queue.list()).rejects.toMatchObject({ name: 'ClaimlogError', failure: { failure: 'Closed' } })
  })

  it('returns the refusal as data with task-eithers', async () => {
    const result = await byTaskEither.init({ dir: newDir() })()
    if (E.isLeft(result)) throw new Error('it could not be opened')
    const queue = result.right
    const claiming = queue.claim({ worker: 'ann', wait: true })()
    await queue.close()
    const closed = E.left({ failure: 'Closed' })
    expect(await claiming).toEqual(closed)
    expect(await queue.add({ kind: 'docs' })()).toEqual(closed)
    for await (const event of queue.follow()) expect(event).toEqual(closed)
  })

  it('has completed the calls made before', async () => {
    const queue = await createQueue()
    const adding = [1, 2, 3].map(n => queue.add({ kind: 'docs', taskId: `t${n}` }))
    await queue.close()
    expect((await Promise.all(adding)).map(({ task }) => task.id)).toEqual(['t1', 't2', 't3'])
    expect(await readStatus(queue, 't3')).toBe('ready')
  })
})

describe('a queue can be closed', () => {
  it('by the handler of a worker, whose task is released', async () => {
    const queue = await createQueue('a')
    const working = queue.worker('docs', async () => {
      await Promise.resolve()
      await queue.close()
      expect(await readErrorCode(queue.list())).toBe('closed')
    })
    expect(await working).toMatchObject({ ended: 'stopped', released: 1 })
    await queue.close()
    expect(await readStatus(queue, 'a')).toBe('ready')
  })

  it('by a loop that follows it', async () => {
    const queue = await createQueue('a')
    const seen: Array<string> = []
    for await (const event of queue.follow()) {
      seen.push(event.event)
      if (event.event === 'added') await queue.close()
    }
    expect(seen).toEqual(['opened', 'added'])
  })

  it('while a loop waits for the next event, which then ends', async () => {
    const queue = await createQueue('a')
    for await (const event of queue.follow()) if (event.event === 'added') setImmediate(() => void queue.close())
  })

  it('by a listener of the signal that aborts a call', async () => {
    const queue = await createQueue()
    const stop = new AbortController()
    const claiming = readErrorCode(queue.claim({ worker: 'ann', wait: true, signal: stop.signal }))
    const closing = new Promise<void>(resolve => {
      stop.signal.addEventListener('abort', () => resolve(queue.close()))
    })
    setImmediate(() => stop.abort('enough'))
    await closing
    expect(['enough', 'closed']).toContain(await claiming)
  })

  it('by a handler that ignores its signal, once that handler has returned', async () => {
    const queue = await createQueue('a')
    let closing: Promise<void> = Promise.resolve()
    await queue.worker('docs', async () => {
      closing = queue.close()
      await closing
      await new Promise(resolve => setTimeout(resolve, 20))
    })
    await closing
    await queue.close()
    expect(await readStatus(queue, 'a')).toBe('ready')
  })
})
