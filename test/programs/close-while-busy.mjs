// Closes a queue while every kind of long-running call is pending. Nothing may then keep the process alive.
import { writeSync } from 'node:fs'
import { init } from 'claimlog'

const queue = await init({ dir: process.argv[2] ?? '' })
await queue.add({ kind: 'docs', taskId: 'a' })
const follow = async () => {
  for await (const event of queue.follow()) void event
}
// Most of these promises are not awaited: claimlog must not cause an unhandled rejection when it refuses them.
const pending = [
  queue.claim({ worker: 'ann', kinds: ['ci'], wait: true }),
  queue.waitFor(['a'], { wait: true }),
  queue.waitUntilEmpty(),
  queue.worker('docs', ({ signal }) => new Promise(resolve => signal.addEventListener('abort', () => resolve(null)))),
  follow(),
  queue.add({ kind: 'docs' }),
]
const settled = Promise.allSettled(pending)
await new Promise(resolve => setTimeout(resolve, 50))
await queue.close()
writeSync(1, JSON.stringify((await settled).map(({ status }) => status)))
