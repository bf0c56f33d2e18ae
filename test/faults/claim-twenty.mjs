// Sends twenty claims in parallel and prints each as a line of JSON as soon as it is granted.
import { writeSync } from 'node:fs'
import { open } from '../programs/open-workspace.mjs'

const [dir] = process.argv.slice(2)
const workspace = await open(dir)

const claimOne = async (_, i) => {
  const result = await workspace.run({ command: 'claim', worker: `worker-${i}`, kinds: [], leaseMs: 3_600_000 })()
  if (result._tag === 'Left') throw new Error(JSON.stringify(result.left))
  writeSync(1, `${JSON.stringify({ token: result.right.tasks[0].claim.token })}\n`)
}

await Promise.all(Array.from({ length: 20 }, claimOne))
await workspace.close()
