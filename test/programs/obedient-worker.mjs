// Claims a task as soon as one is ready, with the given lease, and then executes each line of stdin: `store` writes its
// name to the store with its token; `renew`, `complete`, `fail` and `release` apply to its claim. Prints its claim and
// the result of each command as one line of JSON.
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { store } from './fenced-store.mjs'
import { open } from './open-workspace.mjs'

const [dir, storePath, worker, leaseMs] = process.argv.slice(2)
const maxTries = 1000
const workspace = await open(dir)

const print = document => writeSync(1, `${JSON.stringify(document)}\n`)

const claimOne = async () => {
  for (let tries = 1; tries <= maxTries; tries += 1) {
    const claimed = await workspace.run({ command: 'claim', worker, kinds: [], leaseMs: Number(leaseMs) })()
    if (claimed._tag === 'Right') return claimed.right.tasks[0]
    if (claimed.left.error !== 'no_ready_task') throw new Error(JSON.stringify(claimed.left))
    await sleep(20)
  }
  throw new Error(`no task was ready in ${maxTries} tries`)
}

const { task, claim } = await claimOne()
print(claim)

const say = async command => {
  const more = command === 'fail' ? { error: 'the command failed' } : {}
  const done = await workspace.run({ command, worker, taskId: task.id, token: claim.token, ...more })()
  return done._tag === 'Right' ? { ok: true } : { ok: false, ...done.left }
}

for await (const line of createInterface({ input: process.stdin }))
  print(line === 'store' ? { stored: await store(storePath, claim.token, worker) } : await say(line))
await workspace.close()
