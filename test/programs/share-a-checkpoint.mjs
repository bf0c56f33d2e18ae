// Saves or reads the checkpoint in a directory repeatedly, while other processes do the same: `save DIR TIMES`, `read
// DIR TIMES`. A save stores the number of all saves so far under each of sixty names, so that a reader sees whether the
// checkpoint is complete. Prints for each save or read the distinct numbers under the names. Prints `ready`, and starts
// when its stdin closes.
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openCheckpoint, saveCheckpoint } from '../../packages/checkpoint/dist/index.js'
import { withLockFile } from '../../packages/event-log-file/dist/index.js'

const [action, dir, times] = process.argv.slice(2)
const names = Array.from({ length: 60 }, (_, i) => `request ${i}`)
const workspace = { id: 'shared', openedAt: '', leaseMs: 1, maxAttempts: 1, backoff: { firstMs: 1, maxMs: 1 } }
const readNumbers = ({ base }) => [...new Set(names.map(name => base.request(name)?.lastSeq))]

const save = async () => {
  const saved = await withLockFile(join(dir, 'checkpoint.lock'), 60_000, () => {
    const opened = openCheckpoint(dir)
    const seq = (opened.checkpoint?.head.seq ?? 0) + 1
    const changes = {
      tasks: [],
      rules: [],
      requests: names.map(name => [name, { firstSeq: 1, lastSeq: seq }]),
      kinds: [],
    }
    const next = saveCheckpoint(dir, opened, { head: { workspace, seq, time: '', at: '' }, changes, offsets: [] })
    opened.checkpoint?.close()
    next?.checkpoint?.close()
    return next === undefined ? [] : [seq]
  })()
  return saved.right
}

const read = () => {
  const { checkpoint } = openCheckpoint(dir)
  try {
    return readNumbers(checkpoint)
  } finally {
    checkpoint.close()
  }
}

writeSync(2, 'ready\n')
process.stdin.resume()
await once(process.stdin, 'end')
const results = []
for (let time = 0; time < Number(times); time += 1) {
  results.push(await (action === 'save' ? save() : read()))
  await sleep(1)
}
writeSync(1, JSON.stringify(results))
