import { join } from 'node:path'
import type { Added, Taken, WaitingMember } from '../contenders/waiting-contender.ts'
import { nowMs } from '../measure/measuring.ts'
import { type Measured, withProcesses } from './processes.ts'
import { makeQueue } from '../workspaces/queue-maker.ts'
import type { WaitingQuestion } from './waiting-process.ts'

/** Processes of one contender that wait at a separate queue, in a directory called `name`. */
export type Members = WaitingMember & { readonly name: string; readonly processes: number }

/** Milliseconds from an add until a waiting process had a claim and until it ran again; and of the add itself. */
export type WakeUps = {
  readonly heldMs: Float64Array
  readonly wokeMs: Float64Array
  readonly addMs: Float64Array
}

/** Processes that wait at a queue, and one that adds tasks to it. */
export type WaitingCrew = {
  readonly dir: string
  /** The process ids of those that wait. */
  readonly pids: ReadonlyArray<number>
  /** Adds the next task and returns its number. */
  readonly add: () => Promise<Added & { readonly n: number }>
  /** The wake-ups for tasks added since the last call. Throws if a task is not claimed for a long time. */
  readonly wakeUps: () => Promise<WakeUps>
}

/** Starts all groups in `dir`, each at an empty queue, has them wait, and ends them after `body`. */
export const withWaiting = async <A>(
  dir: string,
  crews: ReadonlyArray<Members>,
  body: (started: ReadonlyArray<WaitingCrew>) => Promise<A>,
): Promise<A> => {
  for (const { contender, name } of crews) await makeQueue(contender, join(dir, name), 0)
  const argumentsOf = crews.flatMap(({ contender, name, processes, pollMs }) =>
    ['adder', ...Array.from({ length: processes }, (_, i) => `waiter-${i + 1}`)].map(each => [
      contender,
      join(dir, name),
      each,
      String(pollMs),
    ]),
  )
  return withProcesses('waiting-process', argumentsOf, async started => {
    let from = 0
    const parts = crews.map(({ name, processes }) => {
      const [adder, ...waiters] = started.slice(from, (from += 1 + processes))
      if (adder === undefined) throw new Error('fewer processes than requested')
      return { dir: join(dir, name), adder, waiters }
    })
    const wait: WaitingQuestion = { ask: 'wait' }
    await Promise.all(parts.flatMap(({ waiters }) => waiters.map(({ ask }) => ask(wait))))
    return body(parts.map(crewOf))
  })
}

const crewOf = (crew: {
  readonly dir: string
  readonly adder: Measured
  readonly waiters: ReadonlyArray<Measured>
}): WaitingCrew => {
  const { dir, adder, waiters } = crew
  const added: Array<Added> = []
  let told = 0
  return {
    dir,
    pids: waiters.map(({ pid }) => pid),
    add: async () => {
      const n = added.length + 1
      const question: WaitingQuestion = { ask: 'add', n }
      const one = (await adder.ask(question)) as Added
      added.push(one)
      return { ...one, n }
    },
    wakeUps: async () => {
      const fresh = added.slice(told)
      told = added.length
      const taken = await takenBy(waiters, fresh.length)
      const since = (n: number, ms: number): number => ms - (added[n - 1]?.fromMs ?? Number.NaN)
      return {
        heldMs: Float64Array.from(taken, ({ n, heldMs }) => since(n, heldMs)),
        wokeMs: Float64Array.from(taken.flatMap(({ n, wokeMs }) => (wokeMs === undefined ? [] : since(n, wokeMs)))),
        addMs: Float64Array.from(fresh, ({ fromMs, answeredMs }) => answeredMs - fromMs),
      }
    },
  }
}

const patienceMs = 15_000

const takenBy = async (waiters: ReadonlyArray<Measured>, count: number): Promise<ReadonlyArray<Taken>> => {
  const question: WaitingQuestion = { ask: 'taken' }
  const taken: Array<Taken> = []
  for (const untilMs = nowMs() + patienceMs; nowMs() < untilMs;) {
    const more = await Promise.all(waiters.map(({ ask }) => ask(question)))
    taken.push(...(more as ReadonlyArray<ReadonlyArray<Taken>>).flat())
    if (taken.length >= count) return taken
    await sleep(100)
  }
  throw new Error(`${count - taken.length} of ${count} added tasks were not claimed`)
}

export const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** A pause of random length, so that it cannot be in step with anything periodic. */
export const randomPause = (fromMs: number, toMs: number): Promise<void> =>
  sleep(fromMs + Math.random() * (toMs - fromMs))
