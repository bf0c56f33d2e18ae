// Waits for the lock of the log in the directory it is given, as long as it is told, and prints what that came to and
// the processor time it took.
import { openFileLog } from '@claimlog/event-log-file'

const [dir, lockTimeoutMs] = process.argv.slice(2)
const codec = { encode: JSON.stringify, decode: right => ({ _tag: 'Right', right }) }
const opened = await openFileLog({ dir, codec, lockTimeoutMs: Number(lockTimeoutMs) })()
const before = process.cpuUsage()
const answer = await opened.right.append(0, [{ seq: 1 }])()
const { user, system } = process.cpuUsage(before)
process.stdout.write(JSON.stringify({ answer, cpuMs: (user + system) / 1000 }))
