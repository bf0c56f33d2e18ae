// Waits up to argv[3] milliseconds for the lock of a log that another process has. Prints the processor time that this
// used, in milliseconds, and the pid of the other process that the error reports.
import { writeSync } from 'node:fs'
import { decodeEvent, encodeEvent } from '@claimlog/domain'
import { openFileLog } from '@claimlog/event-log-file'

const [dir, ms] = process.argv.slice(2)
const codec = { encode: encodeEvent, decode: decodeEvent }
const opened = await openFileLog({ dir, codec, lockTimeoutMs: Number(ms) })()
const fold = { seq: 1, apply: () => undefined }
// Code that the first wait compiles and loads does not count as waiting.
const before = process.cpuUsage()
const refuse = () => ({ _tag: 'Left', left: 'not called' })
const { left } = await opened.right.transact(fold, refuse, decision => decision)()
const { user, system } = process.cpuUsage(before)
writeSync(1, JSON.stringify({ failure: left.failure, holderPid: left.holderPid, cpuMs: (user + system) / 1000 }))
