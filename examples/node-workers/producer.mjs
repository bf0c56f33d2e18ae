// Adds one task per text and waits for the counts.
import { writeFile } from 'node:fs/promises'
import { ClaimlogError, init } from 'claimlog'

const queue = await init()
const toTask = name => ({
  kind: 'count',
  taskId: `count-${name}`,
  payload: { file: `texts/${name}.txt` },
  // Retried after half a second, then after one.
  backoff: { firstMs: 500, maxMs: 5000 },
  maxAttempts: 10,
})

try {
  const names = ['short', 'long', 'late']
  const { tasks } = await queue.addMany(names.map(toTask))
  // This text is written late: the first attempt finds no file and fails, and a retry follows.
  const failed = new AbortController()
  for await (const event of queue.follow({ signal: failed.signal }))
    if (event.event === 'failed' && event.taskId === 'count-late') failed.abort()
  await writeFile('texts/late.txt', 'Here it is.\n')

  const counted = await queue.waitFor(tasks.map(({ id }) => id))
  for (const { id, status, result } of counted.tasks) console.log(id, status, JSON.stringify(result))
} catch (thrown) {
  if (!ClaimlogError.is(thrown)) throw thrown
  console.error(`${thrown.message}\n  ${thrown.hint}`)
  process.exitCode = 1
} finally {
  await queue.close()
}
