import { withProcesses } from './measured-process.ts'
import type { IdleWaitRequest } from './idle-waiters-process.ts'

/** The most queues that one process opens: fewer, and their connecting takes longer than the measurement. */
const queuesPerProcess = 50

/** Runs `body` while a worker waits at each of the places, for a kind of task that is never added. */
export const withIdleWaiters = <A>(places: ReadonlyArray<string>, body: () => Promise<A>): Promise<A> => {
  const parts = Array.from({ length: Math.ceil(places.length / queuesPerProcess) }, (_, i) =>
    places.slice(i * queuesPerProcess, (i + 1) * queuesPerProcess),
  )
  return withProcesses(
    'idle-waiters-process',
    parts.map(() => []),
    async started => {
      await Promise.all(
        started.map(({ request }, i) => {
          const message: IdleWaitRequest = { places: parts[i] ?? [] }
          return request(message)
        }),
      )
      return body()
    },
  )
}
