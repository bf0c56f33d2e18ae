import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  ClaimlogError,
  FailTask,
  type HandlerContext,
  init,
  type Queue,
  type WorkerEvent,
  WorkStopped,
} from '@claimlog/client'

const newDir = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'claimlog-errors-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** A queue with one task, `a`. */
const newQueue = async (): Promise<Queue> => {
  const queue = await init({ dir: newDir() })
  onTestFinished(queue.close)
  await queue.add({ kind: 'docs', taskId: 'a', maxAttempts: 1 })
  return queue
}

type FailedEvent = Extract<WorkerEvent, { readonly event: 'failed' }>

/** Runs a worker whose handler fails; returns its `failed` event. */
const runFailing = async (
  queue: Queue,
  handler: (context: HandlerContext) => Promise<void>,
  timeoutMs?: number,
): Promise<FailedEvent> => {
  const failed: Array<FailedEvent> = []
  const onEvent = (event: WorkerEvent): void => void (event.event === 'failed' && failed.push(event))
  await queue.worker('docs', handler, { until: 'drained', onEvent, timeoutMs })
  expect(failed).toHaveLength(1)
  return failed[0] as FailedEvent
}

/** The `failed` step of task `a`. */
const traceFailure = async (queue: Queue) => {
  const { steps, lanes } = await queue.trace('a')
  const step = steps.find(({ event }) => event === 'failed')
  expect(lanes.at(-1)?.stack).toBe(step?.stack)
  return step
}

const throwHere = (error: Error): never => {
  throw error
}

describe('FailTask and ReleaseTask', () => {
  it('mean the same if a handler has them from another copy of the package', async () => {
    const queue = await init({ dir: newDir() })
    onTestFinished(queue.close)
    await queue.addMany(['fails', 'waits'].map(taskId => ({ kind: 'docs', taskId, maxAttempts: 2 })))
    vi.resetModules()
    const copy = await import('@claimlog/client')
    expect(copy.FailTask).not.toBe(FailTask)
    const summary = await queue.worker(
      'docs',
      ({ task }) => {
        if (task.id === 'fails') throw new copy.FailTask('gone for good', { retryInMs: null })
        throw new copy.ReleaseTask('not yet')
      },
      { maxTasks: 2 },
    )
    expect(summary).toMatchObject({ failed: 1, released: 1 })
    expect((await queue.show('fails')).task.status).toBe('failed')
    expect((await queue.show('waits')).task).toMatchObject({ status: 'ready' })
  })
})

describe('an error of a handler', () => {
  it('is the cause of the worker event, and the log has its stack with the causes', async () => {
    const queue = await newQueue()
    const error = new TypeError('no luck', { cause: new Error('the server is down') })
    const failed = await runFailing(queue, async () => throwHere(error))
    expect(failed.cause).toBe(error)
    expect(await traceFailure(queue)).toMatchObject({
      error: 'no luck',
      stack: expect.stringMatching(
        /^TypeError\n {4}at .*handler-errors\.test\.ts:\d+:\d+\)?\n(.*\n)*caused by: Error: the server is down\n/,
      ) as string,
    })
  })

  it('keeps its stack and its cause if it is a FailTask', async () => {
    const queue = await newQueue()
    const cause = new Error('the server is down')
    const error = new FailTask('no luck', { retryInMs: null, cause })
    expect(error.cause).toBe(cause)
    expect((await runFailing(queue, async () => throwHere(error))).cause).toBe(error)
    const { stack = '' } = (await traceFailure(queue)) ?? {}
    expect(stack).toMatch(/^FailTask\n {4}at .*handler-errors\.test\.ts/)
    expect(stack).toContain('caused by: Error: the server is down')
  })

  it('has no stack in the log if it is not an Error, and is the cause all the same', async () => {
    const queue = await newQueue()
    const thrown = { status: 503 }
    const failed = await runFailing(queue, async () => {
      throw thrown as unknown as Error
    })
    expect(failed.cause).toBe(thrown)
    const step = await traceFailure(queue)
    expect(step).toMatchObject({ error: '{ status: 503 }' })
    expect(step).not.toHaveProperty('stack')
  })

  it('shows where a handler was whose time was up', async () => {
    const queue = await newQueue()
    const interrupted = new Error('interrupted')
    const failed = await runFailing(
      queue,
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(interrupted))
        }),
      20,
    )
    expect(failed.cause).toBe(interrupted)
    expect(await traceFailure(queue)).toMatchObject({
      error: 'timed out after 20 ms',
      stack: expect.stringContaining('handler-errors.test.ts') as string,
    })
  })

  it('is what stopped the handler if its time was up and it threw nothing', async () => {
    const queue = await newQueue()
    const { cause } = await runFailing(queue, ({ signal }) => waitForAbort(signal), 20)
    expect(cause).toBeInstanceOf(WorkStopped)
    expect(cause).toMatchObject({ stopped: 'timed_out' })
    expect(await traceFailure(queue)).not.toHaveProperty('stack')
  })
})

const waitForAbort = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => signal.addEventListener('abort', () => resolve()))

describe('the reason for which a handler must stop', () => {
  it('has the refusal of a lost claim as its cause', async () => {
    const queue = await newQueue()
    const reasons: Array<unknown> = []
    const working = queue.worker(
      'docs',
      async ({ signal, task, progress }) => {
        await queue.cancel(task.id)
        await progress('half').catch((thrown: unknown) => reasons.push(thrown))
        reasons.push(signal.reason)
      },
      { until: 'drained' },
    )
    expect(await working).toMatchObject({ lost: 1 })
    const [thrown, reason] = reasons
    expect(reason).toBe(thrown)
    expect(reason).toMatchObject({ name: 'WorkStopped', stopped: 'lost' })
  })

  it('is the error of a listener, which the worker rejects with', async () => {
    const queue = await newQueue()
    await queue.add({ kind: 'docs', taskId: 'b' })
    const thrown = new Error('the display is gone')
    const reasons: Array<unknown> = []
    const working = queue.worker(
      'docs',
      async ({ signal }) => {
        await waitForAbort(signal)
        reasons.push(signal.reason)
      },
      {
        slots: 2,
        onEvent: ({ event }) => {
          if (event === 'progressed') throw thrown
        },
      },
    )
    while ((await queue.status()).claims.length < 2) await new Promise(resolve => setTimeout(resolve, 5))
    const [claim] = (await queue.status()).claims
    await queue.renew({ worker: claim?.worker ?? '', taskId: claim?.taskId ?? '', progress: 'half' })
    await expect(working).rejects.toBe(thrown)
    expect(reasons).toHaveLength(2)
    for (const reason of reasons) expect(reason).toMatchObject({ stopped: 'stopped', cause: thrown })
  })
})

describe('a failure of the system', () => {
  it('rejects with a ClaimlogError whose cause is the error of the system call', async () => {
    const file = join(newDir(), 'file')
    const failing = init({ dir: join(process.execPath, file) })
    const thrown: unknown = await failing.catch((error: unknown) => error)
    expect(ClaimlogError.is(thrown, 'io_failed')).toBe(true)
    expect((thrown as ClaimlogError).cause).toMatchObject({ code: 'ENOTDIR', syscall: 'mkdir' })
    expect((thrown as ClaimlogError).cause?.stack).toContain('ENOTDIR')
  })
})
