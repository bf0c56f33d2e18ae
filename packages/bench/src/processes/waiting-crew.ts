import { join } from 'node:path'
import type { Added, Taken, WaitingMember } from '../contenders/waiting-contender.ts'
import { nowMs } from '../measure/measuring.ts'
import { type Measured, withProcesses } from './processes.ts'
import { makeQueue } from '../workspaces/queue-maker.ts'
import type { WaitingQuestion } from './waiting-process.ts'

/** So many processes of one contender that wait at a queue of their own, in a directory of that name. */
export type Members = WaitingMember & { readonly name: string; readonly processes: number }

/** How long tasks took: until one who waited ran again, and until it held them; and to be added. Milliseconds each. */
export type WakeUps = {
  readonly heldMs: Float64Array
  readonly wokeMs: Float64Array
  readonly addMs: Float64Array
}

/** Processes that wait at a queue, and one more that adds tasks to it. */
export type WaitingCrew = {
  readonly dir: string
  /** Of those that wait. */
  readonly pids: ReadonlyArray<number>
  /** Adds the next task, and answers which it is. */
  readonly add: () => Promise<Added & { readonly n: number }>
  /** What became of those that were added since this was asked last. Throws where one is not taken for long. */
  readonly wakeUps: () => Promise<WakeUps>
}

/** Starts all `crews` in `dir`, each at an empty queue, lets them wait, and ends them after `body`. */
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
      if (adder === undefined) throw new Error('fewer processes than asked for')
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
  throw new Error(`of ${count} tasks that were added, ${count - taken.length} were taken by nobody`)
}

/** Resolves after so many milliseconds. */
export const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** A pause of no fixed length, so that nothing that happens regularly can be in step with it. */
export const randomPause = (fromMs: number, toMs: number): Promise<void> =>
  sleep(fromMs + Math.random() * (toMs - fromMs))
