// Opens several hundred workspaces at once under `dir`, uses all of them, and prints the results of the calls: the
// number that succeeded, the error codes of the others, acknowledged events that are missing from the log, and the
// number of files that are open at the end.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [library, dir] = process.argv.slice(2)
const { ClaimlogError, init } = await import(library)

const resultCounts = {}
/** Returns the result of the call, undefined if claimlog refused it; any other error ends the program. */
const countResult = async (name, call) => {
  try {
    const result = await call()
    resultCounts[`${name}: ok`] = (resultCounts[`${name}: ok`] ?? 0) + 1
    return result
  } catch (thrown) {
    if (!ClaimlogError.is(thrown)) throw thrown
    resultCounts[`${name}: ${thrown.error}`] = (resultCounts[`${name}: ${thrown.error}`] ?? 0) + 1
    return undefined
  }
}

const queues = []
for (let n = 0; n < 400; n += 1) {
  const path = join(dir, String(n))
  const queue = await countResult('open', () => init({ dir: path, durability: n % 20 === 0 ? 'disk' : 'os' }))
  if (queue !== undefined) queues.push({ path, queue })
}

const acknowledged = []
const useWorkspace = async ({ path, queue }) => {
  for (const taskId of ['a', 'b', 'c']) {
    const added = await countResult('add', () => queue.add({ kind: 'docs', taskId }))
    if (added !== undefined) acknowledged.push([path, added.seq])
    const result = await countResult('claim', () => queue.claim({ worker: 'ann' }))
    if (result !== undefined) acknowledged.push([path, result.claim.token])
    await countResult('list', () => queue.list())
    await countResult('trace', () => queue.trace('a'))
  }
}
const follow = async ({ queue }) => {
  const signal = AbortSignal.timeout(300)
  for await (const event of queue.follow({ after: 0, signal })) if (event.seq < 0) throw new Error('no such event')
}
await Promise.all(queues.map(useWorkspace))
await Promise.all([
  ...queues.slice(0, 40).map(({ queue }) => countResult('wait', () => queue.waitFor(['a'], { wait: 300 }))),
  ...queues.slice(0, 40).map(each => countResult('follow', () => follow(each))),
])
await Promise.all(queues.map(({ queue }) => queue.close()))

const logs = new Map(queues.map(({ path }) => [path, readFileSync(join(path, 'events.jsonl'), 'utf8')]))
const missing = acknowledged.filter(([path, seq]) => !logs.get(path).includes(`"seq":${seq},`))
const open = existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0
process.stdout.write(
  JSON.stringify({ resultCounts, opened: queues.length, acknowledged: acknowledged.length, missing, open }),
)
