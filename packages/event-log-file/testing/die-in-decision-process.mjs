// Locks the log in the directory given as argument, starts a child process, prints its pid, and dies.
import { spawn } from 'node:child_process'
import { writeSync } from 'node:fs'
import { openFileLog } from '@claimlog/event-log-file'

const codec = { encode: JSON.stringify, decode: right => ({ _tag: 'Right', right }) }
const opened = await openFileLog({ dir: process.argv[2], codec })()
await opened.right.transact(
  { seq: 0, apply: () => undefined },
  () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' })
    writeSync(1, String(child.pid))
    process.kill(process.pid, 'SIGKILL')
  },
  decision => decision,
)()
