/** Workers in one process, each waiting at a queue of its own for a kind of task that is never added. */
import { openBenchQueue } from '../workspaces/bench-queue.ts'
import { serveRequests } from './measured-process.ts'
import { sleep } from './waiting-workers.ts'

/** Wait at these places. The response comes when all wait. */
export type IdleWaitRequest = { readonly places: ReadonlyArray<string> }

/** The time from the call until the server has the session that listens, and none of its work is left to do. */
const settleMs = 500

serveRequests(async ({ places }: IdleWaitRequest): Promise<'waiting'> => {
  for (const place of places) {
    const queue = await openBenchQueue(place, { durability: 'disk' })
    void queue.claim({ worker: 'idle', kinds: ['never'], wait: true })()
  }
  await sleep(settleMs)
  return 'waiting'
})
