// Claims and completes tasks for a worker, several side by side, until nothing is ready, and prints each claim as a
// line of JSON. Says that it is ready, and starts when its stdin closes.
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { open } from './open-workspace.mjs'

const [dir, worker] = process.argv.slice(2)
const sideBySide = 4
const workspace = await open(dir)

const settleOne = async () => {
  const claimed = await workspace.run({ command: 'claim', worker, kinds: [], leaseMs: 86_400_000 })()
  if (claimed._tag === 'Left') return claimed.left
  const [{ task, claim }] = claimed.right.tasks
  writeSync(1, `${JSON.stringify({ worker, task_id: task.id, token: claim.token })}\n`)
  const completed = await workspace.run({ command: 'complete', worker, taskId: task.id, token: claim.token })()
  return completed._tag === 'Left' ? completed.left : undefined
}

const settleAll = async () => {
  for (;;) {
    const refused = await settleOne()
    if (refused?.error === 'no_ready_task') return
    if (refused !== undefined) throw new Error(JSON.stringify(refused))
  }
}

writeSync(2, 'ready\n')
process.stdin.resume()
await once(process.stdin, 'end')
await Promise.all(Array.from({ length: sideBySide }, settleAll))
await workspace.close()
