// Claims and completes tasks for a worker, several in parallel, until nothing is ready, and prints each claim as a line
// of JSON. Some complete each task and claim the next in one step. Prints `ready`, and starts when its stdin closes.
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { open } from './open-workspace.mjs'

const [dir, worker] = process.argv.slice(2)
const parallelClaims = 4
const work = { kinds: [], leaseMs: 86_400_000 }
const workspace = await open(dir)

/** Returns the result of a command; undefined if no task is ready. */
const runOrThrow = async command => {
  const result = await workspace.run(command)()
  if (result._tag === 'Right') return result.right
  if (result.left.error !== 'no_ready_task') throw new Error(JSON.stringify(result.left))
}

const claimOne = async () => (await runOrThrow({ command: 'claim', worker, ...work }))?.tasks[0]

const completeAll = async inOneStep => {
  for (let claimed = await claimOne(); claimed !== undefined;) {
    const { task, claim } = claimed
    writeSync(1, `${JSON.stringify({ worker, task_id: task.id, token: claim.token })}\n`)
    const complete = { command: 'complete', worker, taskId: task.id, token: claim.token }
    if (inOneStep) claimed = (await runOrThrow({ ...complete, claimNext: work })).next
    else {
      await runOrThrow(complete)
      claimed = await claimOne()
    }
  }
}

writeSync(2, 'ready\n')
process.stdin.resume()
await once(process.stdin, 'end')
await Promise.all(Array.from({ length: parallelClaims }, (_, i) => completeAll(i % 2 === 1)))
await workspace.close()
