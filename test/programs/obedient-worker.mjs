// Claims a task as soon as there is one, for as long as it was told, and then does what each line of stdin says: `store`
// puts its name into the store under its token; `renew`, `complete`, `fail` and `release` are said of its claim. Prints
// its claim and what came of each, a line of JSON each.
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
  throw new Error(`there was nothing to claim in ${maxTries} tries`)
}

const { task, claim } = await claimOne()
print(claim)

const say = async command => {
  const more = command === 'fail' ? { error: 'it did not work' } : {}
  const done = await workspace.run({ command, worker, taskId: task.id, token: claim.token, ...more })()
  return done._tag === 'Right' ? { ok: true } : { ok: false, ...done.left }
}

for await (const line of createInterface({ input: process.stdin }))
  print(line === 'store' ? { stored: await store(storePath, claim.token, worker) } : await say(line))
await workspace.close()
