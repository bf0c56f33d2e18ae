// Changes or reads the store at a path so many times, as others do at once: `change PATH TIMES`, `read PATH TIMES`. A change
// puts the number of all changes so far under each of sixty keys, so that what somebody reads says whether it is whole.
// Prints what it put, or read, each time: the different values under the keys. Says that it is ready, and starts when its
// stdin closes.
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { changeStore, openStore } from '../../packages/checkpoint/dist/store.js'

const [what, path, times] = process.argv.slice(2)
const keys = Array.from({ length: 60 }, (_, i) => Buffer.from(`key ${i}`))
const valuesIn = store => [...new Set(keys.map(key => store.get(key)))]

const change = () => {
  let values = []
  changeStore(path, (store, writing) => {
    const changes = Number(store.get(keys[0]) ?? 0) + 1
    for (const key of keys) writing.put(key, String(changes))
    values = valuesIn(store)
  })
  return values
}

const read = () => {
  const store = openStore(path)
  try {
    return valuesIn(store)
  } finally {
    store.close()
  }
}

writeSync(2, 'ready\n')
process.stdin.resume()
await once(process.stdin, 'end')
const seen = []
for (let time = 0; time < Number(times); time += 1) {
  seen.push(what === 'change' ? change() : read())
  await sleep(1)
}
writeSync(1, JSON.stringify(seen))
