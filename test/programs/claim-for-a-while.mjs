// Claims and releases a task in a loop for argv[4] seconds; prints the number of claims.
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { open } from './open-workspace.mjs'

const [dir, worker, seconds] = process.argv.slice(2)
const workspace = await open(dir)
const run = async command => {
  const result = await workspace.run({ worker, ...command })()
  if (result._tag === 'Left') throw new Error(JSON.stringify(result.left))
  return result.right
}

writeSync(2, 'ready\n')
process.stdin.resume()
await once(process.stdin, 'end')
const end = Date.now() + Number(seconds) * 1000
let claims = 0
while (Date.now() < end) {
  const { tasks } = await run({ command: 'claim', kinds: [] })
  await run({ command: 'release', taskId: tasks[0].task.id, token: tasks[0].claim.token })
  claims += 1
}
writeSync(1, String(claims))
