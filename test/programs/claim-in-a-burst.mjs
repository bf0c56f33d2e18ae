// Claims tasks of the given kinds for a worker, several in parallel, and prints each claim as a line of JSON as soon as
// it is granted. Some only claim; the others complete each task and claim the next in one step. Runs until it is
// killed, even if no task is left to claim.
import { writeSync } from 'node:fs'
import { open } from './open-workspace.mjs'

const [dir, worker, ...kinds] = process.argv.slice(2)
const sideBySide = 4
const work = { kinds, leaseMs: 86_400_000 }
const workspace = await open(dir)

const claimOn = async completes => {
  let order = { command: 'claim', worker, ...work }
  for (;;) {
    const done = await workspace.run(order)()
    const { task, claim } = done._tag === 'Left' ? {} : (done.right.next ?? done.right.tasks[0])
    if (claim === undefined) break
    writeSync(1, `${JSON.stringify({ worker, task_id: task.id, token: claim.token })}\n`)
    if (completes) order = { command: 'complete', worker, taskId: task.id, token: claim.token, claimNext: work }
  }
  setInterval(() => undefined, 1000)
}

await Promise.all(Array.from({ length: sideBySide }, (_, i) => claimOn(i % 2 === 1)))
