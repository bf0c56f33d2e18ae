import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it, vi } from 'vitest'
import type { Event, NewTask } from '@claimlog/domain'
import { memoryLog, memoryStorage } from '@claimlog/event-log'
import { openWorkspace, type CommandInput, type Workspace } from '@claimlog/workspace'
import { runWorker, type WorkerOptions, type WorkerSummary } from './run-worker.ts'
import { type HandlerContext, type WorkHandler, WorkStopped } from './work-handler.ts'
import type { WorkerEvent } from './worker-event.ts'

const right = <L, A>(either: E.Either<L, A>): A => {
  if (E.isLeft(either)) throw new Error(JSON.stringify(either.left))
  return either.right
}

type WorkerScene = {
  readonly workspace: Workspace
  /** A workspace on the same log, opened by another process. */
  readonly otherWorkspace: Workspace
  readonly run: (input: CommandInput) => Promise<unknown>
  /** The events, except those that added the tasks, as `worker event task`. */
  readonly history: () => ReadonlyArray<string>
  readonly events: ReadonlyArray<Event>
  readonly work: (handler: WorkHandler, options?: Partial<WorkerOptions>) => Promise<WorkerSummary>
}

const workerScene = async (...tasks: ReadonlyArray<NewTask>): Promise<WorkerScene> => {
  const storage = memoryStorage<Event>()
  const [workspace, otherWorkspace] = [storage, storage].map(each => openWorkspace({ log: memoryLog(each) })) as [
    Workspace,
    Workspace,
  ]
  right(await workspace.run({ command: 'open', workspace: 'b7c1', backoff: { firstMs: 1, maxMs: 1 } })())
  if (tasks.length > 0) right(await workspace.run({ command: 'add', tasks })())
  return {
    workspace,
    otherWorkspace,
    run: async input => right(await otherWorkspace.run(input)()),
    events: storage.events,
    history: () =>
      storage.events.flatMap(event =>
        'taskId' in event && event.event !== 'added'
          ? [`${'worker' in event ? event.worker : '-'} ${event.event} ${event.taskId}`]
          : [],
      ),
    work: async (handler, options) =>
      right(await runWorker(workspace, { worker: 'ann', until: 'drained', ...options }, handler)()),
  }
}

const toTasks = (...ids: ReadonlyArray<string>): ReadonlyArray<NewTask> =>
  ids.map(taskId => ({ taskId, kind: 'docs', maxAttempts: 1 }))

const done = { outcome: 'completed' } as const

/** The longest wait of a handler: so long that it only passes if the event never happens. */
const waitOptions = { timeout: 60_000, interval: 10 }

/** Resolves with the reason when the work is stopped. */
const waitForStop = ({ signal }: HandlerContext): Promise<WorkStopped> =>
  new Promise(resolve => signal.addEventListener('abort', () => resolve(signal.reason as WorkStopped)))

describe('a worker', () => {
  it('does one task after the other in order, and claims each next one with the previous result', async () => {
    const { work, history, events } = await workerScene(...toTasks('a', 'b', 'c'))
    const handled: Array<string> = []
    const summary = await work(async ({ task, claim }) => {
      handled.push(`${task.id} ${claim.worker} ${claim.attempt}`)
      return { outcome: 'completed', result: { of: task.id } }
    })
    expect(handled).toEqual(['a ann 1', 'b ann 1', 'c ann 1'])
    expect(history()).toEqual(['a', 'b', 'c'].flatMap(id => [`ann claimed ${id}`, `ann completed ${id}`]))
    expect(summary).toMatchObject({ ended: 'drained', completed: 3, failed: 0, released: 0, lost: 0 })
    // The completion and the next claim have the same time.
    const eventTime = (line: number): string | undefined => events[line]?.time
    expect([eventTime(5), eventTime(7)]).toEqual([eventTime(6), eventTime(8)])
  })

  it('records what a handler throws or reports as the error of the attempt, and retries while attempts are left', async () => {
    const { work, events } = await workerScene({ taskId: 'a', kind: 'docs', maxAttempts: 2 })
    const summary = await work(async ({ claim }) => {
      if (claim.attempt === 1) throw new Error('the server is down')
      return { outcome: 'failed', error: `still down \ud800`, retryInMs: null }
    })
    expect(summary).toMatchObject({ completed: 0, failed: 2 })
    const errors = events.flatMap(event => (event.event === 'failed' ? [event.error] : []))
    expect(errors).toEqual(['the server is down', 'still down \ufffd'])
  })

  it.each(['claimed', 'completed'] as const)(
    'releases its claims and rejects with what its listener throws for a task that is %s',
    async event => {
      const { work, workspace, history } = await workerScene(...toTasks('a', 'b', 'c'))
      const thrown = new Error('the display is gone')
      const onEvent = (emitted: WorkerEvent): void => {
        if (emitted.event === event) throw thrown
      }
      await expect(work(async () => done, { onEvent })).rejects.toBe(thrown)
      const { tasks } = right(await workspace.list({})())
      expect(tasks.filter(({ claim }) => claim !== undefined)).toEqual([])
      expect(history().filter(emitted => emitted.includes('failed'))).toEqual([])
    },
  )

  it.each(['renew', 'complete'] as const)(
    'releases its other claims and rejects with the defect if %s throws one, also while it waits for more',
    async command => {
      const { workspace, history } = await workerScene(...toTasks('a', 'b'))
      const defect = new Error('a defect')
      const broken: Workspace = {
        ...workspace,
        run: ((input: CommandInput, signal: AbortSignal | undefined) =>
          input.command === command && input.taskId === 'a'
            ? () => Promise.reject(defect)
            : workspace.run(input, signal)) as Workspace['run'],
      }
      let resolveBoth = (): void => undefined
      const bothClaimed = new Promise<void>(resolve => (resolveBoth = resolve))
      const handler: WorkHandler = async context => {
        if (context.task.id === 'b') resolveBoth()
        else if (command === 'complete') return bothClaimed.then(() => done)
        await waitForStop(context)
        return { outcome: 'released' }
      }
      const options = { worker: 'ann', slots: 3, leaseMs: 300 }
      await expect(runWorker(broken, options, handler)()).rejects.toBe(defect)
      expect(history()).toContain('ann released b')
    },
  )

  it('fails the attempt for any value that a handler throws, even one that has no text', async () => {
    const { work, events } = await workerScene(...toTasks('a', 'b', 'c', 'd', 'e'))
    const silent = Object.defineProperty(new Error('silent'), 'message', {
      get: () => {
        throw new Error('nothing to say')
      },
    })
    const throwing = (): never => {
      throw new Error('not even a class')
    }
    const closed = new Proxy({}, { get: throwing, getPrototypeOf: throwing })
    const numbered = Object.assign(new Error('a number'), { message: 42 })
    const thrown = [Object.create(null), numbered, silent, Symbol('odd'), closed]
    const summary = await work(async () => {
      throw thrown.shift()
    })
    expect(summary).toMatchObject({ ended: 'drained', completed: 0, failed: 5 })
    const errors = events.flatMap(event => (event.event === 'failed' ? [event.error] : []))
    const wordless = 'the handler threw a value that cannot be converted to text'
    expect(errors).toEqual(['[Object: null prototype] {}', '42', 'Error', 'Symbol(odd)', wordless])
  })

  it.each([Number.NaN, -1, 1.5, 1e300])(
    'fails the attempt, and uses the backoff of the task, if the handler sets a retry after %s ms',
    async retryInMs => {
      const { work, events } = await workerScene({ taskId: 'a', kind: 'docs', maxAttempts: 1 })
      const summary = await work(async () => ({ outcome: 'failed', error: 'the server is down', retryInMs }))
      expect(summary).toMatchObject({ ended: 'drained', failed: 1, lost: 0 })
      expect(events.at(-1)).toMatchObject({
        event: 'failed',
        error: expect.stringMatching(/^the server is down \(.*retry_in_ms/) as string,
        retryAt: null,
      })
    },
  )

  it('releases a task without using an attempt if the handler does', async () => {
    const { work, events } = await workerScene(...toTasks('a'))
    const summary = await work(async () => ({ outcome: 'released', reason: 'not here' }), { maxTasks: 1 })
    expect(summary).toEqual({ ended: 'max_tasks', completed: 0, failed: 0, released: 1, lost: 0 })
    expect(events.at(-1)).toMatchObject({ event: 'released', reason: 'not here' })
  })

  it('fails the attempt if the result cannot be stored', async () => {
    const { work, events } = await workerScene(...toTasks('a', 'b'))
    const summary = await work(async ({ task }) => ({
      outcome: 'completed',
      result: task.id === 'a' ? (10n as never) : { fine: true },
    }))
    expect(summary).toMatchObject({ completed: 1, failed: 1 })
    const errors = events.flatMap(event => (event.event === 'failed' ? [event.error] : []))
    expect(errors).toEqual([expect.stringMatching(/^the result cannot be stored/)])
  })

  it('works on one task per slot at once', async () => {
    const { work } = await workerScene(...toTasks('a', 'b', 'c', 'd', 'e'))
    let [now, runningMax] = [0, 0]
    await work(
      async () => {
        now += 1
        runningMax = Math.max(runningMax, now)
        await new Promise(resolve => setTimeout(resolve, 30))
        now -= 1
        return done
      },
      { slots: 3 },
    )
    expect(runningMax).toBe(3)
  })

  it('claims no more than maxTasks, even with several slots', async () => {
    const { work, history } = await workerScene(...toTasks('a', 'b', 'c', 'd', 'e'))
    expect(await work(async () => done, { slots: 2, maxTasks: 3 })).toMatchObject({ ended: 'max_tasks', completed: 3 })
    expect(history().filter(line => line.includes('claimed'))).toHaveLength(3)
  })

  it('ends if nothing is ready and its options say so, with or without work', async () => {
    const { work, run } = await workerScene()
    expect(await work(async () => done, { until: 'idle' })).toMatchObject({ ended: 'idle', completed: 0 })
    await run({ command: 'add', tasks: toTasks('a') })
    expect(await work(async () => done, { until: 'idle' })).toMatchObject({ ended: 'idle', completed: 1 })
  })

  it.each([
    ['told', 'stopped'],
    ['empty', 'drained'],
    ['unready', 'idle'],
  ] as const)('accepts the deprecated word %s for %s', async (until, ended) => {
    const { work } = await workerScene()
    const stop = until === 'told' ? AbortSignal.abort() : undefined
    expect(await work(async () => done, { until, stop })).toMatchObject({ ended })
  })

  it('waits for tasks that others add or work on, until nothing is left to do', async () => {
    const { work, run, otherWorkspace, history } = await workerScene(...toTasks('a'), {
      taskId: 'b',
      kind: 'ci',
      needs: ['a'],
    })
    right(await otherWorkspace.run({ command: 'claim', worker: 'bob', kinds: ['docs'] })())
    const working = work(async () => done)
    await run({ command: 'complete', worker: 'bob', taskId: 'a' })
    expect(await working).toMatchObject({ ended: 'drained', completed: 1 })
    expect(history().at(-1)).toBe('ann completed b')
  })
})

describe('the lease of a task that is worked on', () => {
  it('is renewed while the work runs', async () => {
    const { work, history } = await workerScene(...toTasks('a'))
    const renewals = (): number => history().filter(line => line === 'ann renewed a').length
    const handler = async (): Promise<typeof done> => {
      await vi.waitUntil(() => renewals() > 2, waitOptions)
      return done
    }
    await work(handler, { leaseMs: 300 })
    expect(history().at(-1)).toBe('ann completed a')
  })

  it('is renewed with the progress that the handler reports', async () => {
    const { work, events } = await workerScene(...toTasks('a'))
    const emitted: Array<WorkerEvent> = []
    const handler: WorkHandler = async context => {
      await context.progress({ pages: 3 })
      await vi.waitUntil(() => emitted.some(({ event }) => event === 'progressed'), waitOptions)
      return done
    }
    await work(handler, { onEvent: event => emitted.push(event) })
    expect(events.find(event => event.event === 'renewed')).toMatchObject({ progress: { pages: 3 } })
    expect(emitted.find(({ event }) => event === 'progressed')).toMatchObject({ claim: { progress: { pages: 3 } } })
  })

  it.each([
    ['is cancelled', { command: 'cancel', taskId: 'a' }],
    ['is released in its name', { command: 'release', worker: 'ann', taskId: 'a' }],
  ] as const)('is lost when the task %s: the work is stopped and nothing is reported', async (_, input) => {
    const { work, history, run } = await workerScene(...toTasks('a'))
    const why: Array<string> = []
    const summary = await work(
      async context => {
        const stopped = waitForStop(context)
        await run(input)
        const { stopped: stopReason } = await stopped
        why.push(stopReason)
        await expect(context.progress(1)).rejects.toBeInstanceOf(WorkStopped)
        return done
      },
      { maxTasks: 1 },
    )
    expect(why).toEqual(['lost'])
    expect(summary).toMatchObject({ completed: 0, lost: 1 })
    expect(history().at(-1)).toMatch(input.command === 'cancel' ? /cancelled/ : /released/)
  })

  it('is lost if it expired while the process was suspended and another worker has the task', async () => {
    const { work, history, otherWorkspace } = await workerScene({ taskId: 'a', kind: 'docs' })
    const summary = await work(
      async context => {
        const stopped = waitForStop(context)
        // Blocks the whole process, including its timers.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60)
        right(await otherWorkspace.run({ command: 'claim', worker: 'bob', kinds: [], leaseMs: null })())
        expect((await stopped).message).toContain('bob')
        right(await otherWorkspace.run({ command: 'complete', worker: 'bob', taskId: 'a' })())
        return done
      },
      { leaseMs: 40 },
    )
    expect(summary).toMatchObject({ completed: 0, lost: 1 })
    expect(history()).toEqual(['ann claimed a', 'bob claimed a', 'bob completed a'])
  })

  it('is lost if it was the last attempt and another process has recorded the expiry', async () => {
    const { work, history, otherWorkspace } = await workerScene(...toTasks('a'))
    const summary = await work(
      async context => {
        const stopped = waitForStop(context)
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60)
        const refused = await otherWorkspace.run({ command: 'claim', worker: 'bob', kinds: [] })()
        expect(refused).toMatchObject({ left: { error: 'no_ready_task' } })
        expect((await stopped).stopped).toBe('lost')
        return done
      },
      { leaseMs: 40, timeoutMs: 3_600_000 },
    )
    expect(summary).toMatchObject({ completed: 0, failed: 0, lost: 1 })
    expect(history()).toEqual(['ann claimed a', 'ann failed a'])
  })
})

describe('the work', () => {
  it('may end its own claim and finish undisturbed', async () => {
    const { work, history, run } = await workerScene(...toTasks('a', 'b'))
    const stops: Array<string> = []
    const handler: WorkHandler = async ({ task, claim, signal }) => {
      const holder = { worker: 'ann', taskId: task.id, token: claim.token }
      await run(task.id === 'a' ? { command: 'complete', ...holder } : { command: 'fail', ...holder, error: 'torn' })
      // Longer than its lease, and than any process takes to notice the command.
      await new Promise(resolve => setTimeout(resolve, 300))
      if (signal.aborted) stops.push(task.id)
      return task.id === 'a' ? done : { outcome: 'failed', error: 'torn' }
    }
    expect(await work(handler, { leaseMs: 150 })).toMatchObject({ completed: 1, failed: 1, lost: 0 })
    expect(stops).toEqual([])
    expect(history().filter(line => line.endsWith(' a'))).toEqual(['ann claimed a', 'ann completed a'])
  })

  it('is stopped when its time is up though it has ended its own claim', async () => {
    const { work, history, run } = await workerScene(...toTasks('a'))
    const handler: WorkHandler = async context => {
      const stopped = waitForStop(context)
      await run({ command: 'complete', worker: 'ann', taskId: 'a' })
      expect((await stopped).stopped).toBe('timed_out')
      return done
    }
    await work(handler, { timeoutMs: 300 })
    expect(history()).toEqual(['ann claimed a', 'ann completed a'])
  })

  it('may take longer than any timer can wait', async () => {
    const { work } = await workerScene(...toTasks('a'))
    const thirtyDaysMs = 30 * 86_400_000
    const summary = await work(
      async ({ signal }) => {
        await new Promise(resolve => setTimeout(resolve, 50))
        return signal.aborted ? { outcome: 'failed', error: 'it was stopped' } : { outcome: 'completed' }
      },
      { timeoutMs: thirtyDaysMs },
    )
    expect(summary).toMatchObject({ ended: 'drained', completed: 1, failed: 0 })
  })

  it('is stopped when its time is up, and the attempt fails', async () => {
    const { work, events } = await workerScene(...toTasks('a'))
    const summary = await work(
      async context => {
        expect(await waitForStop(context)).toMatchObject({ stopped: 'timed_out' })
        return done
      },
      { timeoutMs: 50 },
    )
    expect(summary).toMatchObject({ completed: 0, failed: 1 })
    expect(events.at(-1)).toMatchObject({ event: 'failed', error: 'timed out after 50 ms' })
  })

  it('is finished by a worker that is stopped, which claims no more', async () => {
    const { work, history } = await workerScene(...toTasks('a', 'b'))
    const stop = new AbortController()
    const handler: WorkHandler = async ({ signal }) => {
      stop.abort()
      await new Promise(resolve => setTimeout(resolve, 50))
      expect(signal.aborted).toBe(false)
      return done
    }
    expect(await work(handler, { stop: stop.signal, until: 'stopped' })).toMatchObject({
      ended: 'stopped',
      completed: 1,
    })
    expect(history()).toEqual(['ann claimed a', 'ann completed a'])
  })

  it('is released by a worker that is stopped at once, when the work has stopped', async () => {
    const { work, history } = await workerScene(...toTasks('a', 'b', 'c'))
    const stopNow = new AbortController()
    const ends: Array<string> = []
    const handler: WorkHandler = async context => {
      const stopped = waitForStop(context)
      if (context.task.id === 'b') stopNow.abort()
      ends.push((await stopped).stopped)
      return done
    }
    const summary = await work(handler, { slots: 2, signal: stopNow.signal, until: 'stopped' })
    expect(summary).toMatchObject({ ended: 'stopped', completed: 0, released: 2 })
    expect(ends).toEqual(['stopped', 'stopped'])
    expect(history().filter(line => line.includes('released'))).toEqual(['ann released a', 'ann released b'])
  })

  it('is not started by a worker that was stopped before', async () => {
    const { work, history } = await workerScene(...toTasks('a'))
    const summary = await work(async () => done, { stop: AbortSignal.abort(), until: 'stopped' })
    expect(summary).toEqual({ ended: 'stopped', completed: 0, failed: 0, released: 0, lost: 0 })
    expect(history()).toEqual([])
  })
})
