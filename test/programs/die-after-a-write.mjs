// Completes a task with the library, and kills itself before the library has written queue.json.
import { open } from 'claimlog'

const queue = await open({ dir: process.argv[2] ?? '' })
const { task, claim } = await queue.claim({ worker: 'ann' })
await queue.complete({ worker: 'ann', taskId: task.id, token: claim.token })
process.kill(process.pid, 'SIGKILL')
