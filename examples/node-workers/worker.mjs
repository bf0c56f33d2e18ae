// Counts the words of one text per task, until it is stopped.
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { open } from 'claimlog'

const [worker = `worker-${process.pid}`] = process.argv.slice(2)

/** An exception, such as a missing file, fails the attempt; the return value is the task's result. */
const count = async ({ task, signal, progress }) => {
  const text = await readFile(task.payload.file, { encoding: 'utf8', signal })
  const paragraphs = text.trim().split(/\n{2,}/)
  let words = 0
  for (const [i, paragraph] of paragraphs.entries()) {
    // A placeholder for slow work. The signal aborts when the claim is lost, because the work would be wasted.
    await sleep(100, undefined, { signal })
    words += paragraph.split(/\s+/).length
    await progress({ done: i + 1, of: paragraphs.length })
  }
  return { words }
}

// At the first SIGTERM or Ctrl-C, the worker finishes its current task and claims no more.
const stop = new AbortController()
for (const name of ['SIGTERM', 'SIGINT']) process.once(name, () => stop.abort())

const queue = await open()
try {
  const { completed, failed } = await queue.worker('count', count, {
    worker,
    stop: stop.signal,
    onEvent: ({ event, task, taskId = task?.id }) => console.log(`${worker}: ${event} ${taskId}`),
  })
  console.log(`${worker}: ended, ${completed} completed, ${failed} failed`)
} finally {
  await queue.close()
}
