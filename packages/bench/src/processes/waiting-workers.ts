import { join } from 'node:path'
import type { AddTiming, ClaimTiming, WaitingOptions } from '../contenders/waiting-contender.ts'
import { nowMs } from '../measure/measurement.ts'
import { type MeasuredProcess, withProcesses } from './measured-process.ts'
import { makeQueue } from '../workspaces/queue-maker.ts'
import type { WaitingRequest } from './waiting-process.ts'

/** Processes of one contender that wait at a separate queue: at `place`, or in a directory called `name`. */
export type WaitingGroup = WaitingOptions & {
  readonly name: string
  readonly processes: number
  readonly place?: string
}

/** Milliseconds from an add until a waiting process had a claim and until it ran again; and of the add itself. */
export type WakeUps = {
  readonly claimedMs: Float64Array
  readonly wokeMs: Float64Array
  readonly addMs: Float64Array
}

/** Processes that wait at a queue, and one that adds tasks to it. */
export type WaitingWorkers = {
  readonly dir: string
  /** The process ids of those that wait. */
  readonly pids: ReadonlyArray<number>
  /** Adds the next task and returns its number. */
  readonly add: () => Promise<AddTiming & { readonly n: number }>
  /** The wake-ups for tasks added since the last call. Throws if a task is not claimed for a long time. */
  readonly wakeUps: () => Promise<WakeUps>
}

/** Starts all groups in `dir`, each at an empty queue, has them wait, and ends them after `body`. */
export const withWaitingWorkers = async <A>(
  dir: string,
  groups: ReadonlyArray<WaitingGroup>,
  body: (started: ReadonlyArray<WaitingWorkers>) => Promise<A>,
): Promise<A> => {
  for (const { contender, name, place } of groups) await makeQueue(contender, place ?? join(dir, name), 0)
  const argumentLists = groups.flatMap(({ contender, name, processes, pollMs, place }) =>
    ['adder', ...Array.from({ length: processes }, (_, i) => `waiter-${i + 1}`)].map(role => [
      contender,
      place ?? join(dir, name),
      role,
      String(pollMs),
    ]),
  )
  return withProcesses('waiting-process', argumentLists, async started => {
    let from = 0
    const parts = groups.map(({ name, processes }) => {
      const [adder, ...waiters] = started.slice(from, (from += 1 + processes))
      if (adder === undefined) throw new Error('fewer processes than requested')
      return { dir: join(dir, name), adder, waiters }
    })
    const waitRequest: WaitingRequest = { action: 'wait' }
    await Promise.all(parts.flatMap(({ waiters }) => waiters.map(({ request }) => request(waitRequest))))
    return body(parts.map(createWaitingWorkers))
  })
}

const createWaitingWorkers = (group: {
  readonly dir: string
  readonly adder: MeasuredProcess
  readonly waiters: ReadonlyArray<MeasuredProcess>
}): WaitingWorkers => {
  const { dir, adder, waiters } = group
  const added: Array<AddTiming> = []
  let reportedCount = 0
  return {
    dir,
    pids: waiters.map(({ pid }) => pid),
    add: async () => {
      const n = added.length + 1
      const message: WaitingRequest = { action: 'add', n }
      const timing = (await adder.request(message)) as AddTiming
      added.push(timing)
      return { ...timing, n }
    },
    wakeUps: async () => {
      const newTimings = added.slice(reportedCount)
      reportedCount = added.length
      const claims = await collectClaims(waiters, newTimings.length)
      const msSinceAdd = (n: number, ms: number): number => ms - (added[n - 1]?.fromMs ?? Number.NaN)
      return {
        claimedMs: Float64Array.from(claims, ({ n, claimedMs }) => msSinceAdd(n, claimedMs)),
        wokeMs: Float64Array.from(
          claims.flatMap(({ n, wokeMs }) => (wokeMs === undefined ? [] : msSinceAdd(n, wokeMs))),
        ),
        addMs: Float64Array.from(newTimings, ({ fromMs, returnedMs }) => returnedMs - fromMs),
      }
    },
  }
}

const claimTimeoutMs = 15_000

const collectClaims = async (
  waiters: ReadonlyArray<MeasuredProcess>,
  count: number,
): Promise<ReadonlyArray<ClaimTiming>> => {
  const message: WaitingRequest = { action: 'timings' }
  const claims: Array<ClaimTiming> = []
  for (const untilMs = nowMs() + claimTimeoutMs; nowMs() < untilMs;) {
    const more = await Promise.all(waiters.map(({ request }) => request(message)))
    claims.push(...(more as ReadonlyArray<ReadonlyArray<ClaimTiming>>).flat())
    if (claims.length >= count) return claims
    await sleep(100)
  }
  throw new Error(`${count - claims.length} of ${count} added tasks were not claimed`)
}

export const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** A pause of random length, so that it cannot be in step with anything periodic. */
export const randomPause = (fromMs: number, toMs: number): Promise<void> =>
  sleep(fromMs + Math.random() * (toMs - fromMs))
