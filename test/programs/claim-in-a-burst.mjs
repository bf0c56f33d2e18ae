// Claims tasks of the given kinds for a worker, several in parallel, and prints each claim as a line of JSON as soon as
// it is granted. Some only claim; the others complete each task and claim the next in one step. Runs until it is
// killed, even if no task is left to claim.
import { writeSync } from 'node:fs'
import { open } from './open-workspace.mjs'

const [dir, worker, ...kinds] = process.argv.slice(2)
const parallelClaims = 4
const work = { kinds, leaseMs: 86_400_000 }
const workspace = await open(dir)

const claimRepeatedly = async completes => {
  let command = { command: 'claim', worker, ...work }
  for (;;) {
    const result = await workspace.run(command)()
    const { task, claim } = result._tag === 'Left' ? {} : (result.right.next ?? result.right.tasks[0])
    if (claim === undefined) break
    writeSync(1, `${JSON.stringify({ worker, task_id: task.id, token: claim.token })}\n`)
    if (completes) command = { command: 'complete', worker, taskId: task.id, token: claim.token, claimNext: work }
  }
  setInterval(() => undefined, 1000)
}

await Promise.all(Array.from({ length: parallelClaims }, (_, i) => claimRepeatedly(i % 2 === 1)))
