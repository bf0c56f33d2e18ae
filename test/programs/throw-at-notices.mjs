// Adds a task to the workspace in argv[2] with a listener that throws; prints the new task and the uncaught exceptions.
import { open } from 'claimlog'

const uncaughtMessages = []
process.on('uncaughtException', thrown => uncaughtMessages.push(thrown.message))
const onNotice = ({ notice }) => {
  throw new Error(notice)
}
const queue = await open({ dir: process.argv[2], onNotice })
const { task } = await queue.add({ kind: 'docs', taskId: 'b' })
await queue.close()
await new Promise(resolve => setImmediate(resolve))
process.stdout.write(JSON.stringify({ added: task.id, uncaught: uncaughtMessages }))
