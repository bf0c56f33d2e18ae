// Claims and completes tasks for a worker, several in parallel, until nothing is ready, and prints each claim as a line
// of JSON. Some complete each task and claim the next in one step. Prints `ready`, and starts when its stdin closes.
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { open } from './open-workspace.mjs'

const [dir, worker] = process.argv.slice(2)
const sideBySide = 4
const work = { kinds: [], leaseMs: 86_400_000 }
const workspace = await open(dir)

/** Returns the result of a command; undefined if no task is ready. */
const done = async order => {
  const answer = await workspace.run(order)()
  if (answer._tag === 'Right') return answer.right
  if (answer.left.error !== 'no_ready_task') throw new Error(JSON.stringify(answer.left))
}

const claimOne = async () => (await done({ command: 'claim', worker, ...work }))?.tasks[0]

const settleAll = async inOneStep => {
  for (let held = await claimOne(); held !== undefined;) {
    const { task, claim } = held
    writeSync(1, `${JSON.stringify({ worker, task_id: task.id, token: claim.token })}\n`)
    const complete = { command: 'complete', worker, taskId: task.id, token: claim.token }
    if (inOneStep) held = (await done({ ...complete, claimNext: work })).next
    else {
      await done(complete)
      held = await claimOne()
    }
  }
}

writeSync(2, 'ready\n')
process.stdin.resume()
await once(process.stdin, 'end')
await Promise.all(Array.from({ length: sideBySide }, (_, i) => settleAll(i % 2 === 1)))
await workspace.close()
