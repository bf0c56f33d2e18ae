// Waits for the lock of a log that another process keeps, for as many milliseconds as it is told, and prints the
// processor time that it took meanwhile, in milliseconds, and the pid that it was told of.
import { writeSync } from 'node:fs'
import { decodeEvent, encodeEvent } from '@claimlog/domain'
import { openFileLog } from '@claimlog/event-log-file'

const [dir, ms] = process.argv.slice(2)
const codec = { encode: encodeEvent, decode: decodeEvent }
const opened = await openFileLog({ dir, codec, lockTimeoutMs: Number(ms) })()
const follower = { seq: 1, take: () => undefined }
// What is compiled and loaded at the first waiting is no part of waiting.
const before = process.cpuUsage()
const refuse = () => ({ _tag: 'Left', left: 'never asked' })
const { left } = await opened.right.transact(follower, refuse, decision => decision)()
const { user, system } = process.cpuUsage(before)
writeSync(1, JSON.stringify({ failure: left.failure, holderPid: left.holderPid, cpuMs: (user + system) / 1000 }))
