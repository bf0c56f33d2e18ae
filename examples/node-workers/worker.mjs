// Counts words, text by text, until it is told to stop.
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { open } from '@claimlog/client'

const [worker = `worker-${process.pid}`] = process.argv.slice(2)

/** What is thrown here, as for a file that is missing, fails the attempt; what is returned is the task's result. */
const count = async ({ task, signal, progress }) => {
  const text = await readFile(task.payload.file, { encoding: 'utf8', signal })
  const paragraphs = text.trim().split(/\n{2,}/)
  let words = 0
  for (const [i, paragraph] of paragraphs.entries()) {
    // Stands for work that takes its time. The signal aborts where the claim is lost: the work would be in vain.
    await sleep(100, undefined, { signal })
    words += paragraph.split(/\s+/).length
    await progress({ done: i + 1, of: paragraphs.length })
  }
  return { words }
}

// The first SIGTERM or Ctrl-C: what is begun is brought to its end, and no more is taken.
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
