// Claims a task as soon as one is ready, with the given lease, and then executes each line of stdin: `store` writes its
// name to the store with its token; `renew`, `complete`, `fail` and `release` apply to its claim. Prints its claim and
// the result of each command as one line of JSON.
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { writeIfNewest } from './fenced-store.mjs'
import { open } from './open-workspace.mjs'

const [dir, storePath, worker, leaseMs] = process.argv.slice(2)
const triesMax = 1000
const workspace = await open(dir)

const print = document => writeSync(1, `${JSON.stringify(document)}\n`)

const claimOne = async () => {
  for (let tries = 1; tries <= triesMax; tries += 1) {
    const claimed = await workspace.run({ command: 'claim', worker, kinds: [], leaseMs: Number(leaseMs) })()
    if (claimed._tag === 'Right') return claimed.right.tasks[0]
    if (claimed.left.error !== 'no_ready_task') throw new Error(JSON.stringify(claimed.left))
    await sleep(20)
  }
  throw new Error(`no task was ready in ${triesMax} tries`)
}

const { task, claim } = await claimOne()
print(claim)

const runCommand = async command => {
  const extra = command === 'fail' ? { error: 'the command failed' } : {}
  const result = await workspace.run({ command, worker, taskId: task.id, token: claim.token, ...extra })()
  return result._tag === 'Right' ? { ok: true } : { ok: false, ...result.left }
}

for await (const line of createInterface({ input: process.stdin }))
  print(line === 'store' ? { stored: await writeIfNewest(storePath, claim.token, worker) } : await runCommand(line))
await workspace.close()
