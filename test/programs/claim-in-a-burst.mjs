// Claims tasks for a worker, several side by side, and prints each claim as a line of JSON the moment it is answered.
// Goes on until it is killed; where nothing is left to claim, it waits for that.
import { writeSync } from 'node:fs'
import { open } from './open-workspace.mjs'

const [dir, worker] = process.argv.slice(2)
const sideBySide = 4
const workspace = await open(dir)

const claimOn = async () => {
  for (;;) {
    const claimed = await workspace.run({ command: 'claim', worker, kinds: [], leaseMs: 86_400_000 })()
    if (claimed._tag === 'Left') break
    const [{ task, claim }] = claimed.right.tasks
    writeSync(1, `${JSON.stringify({ worker, task_id: task.id, token: claim.token })}\n`)
  }
  setInterval(() => undefined, 1000)
}

await Promise.all(Array.from({ length: sideBySide }, claimOn))
