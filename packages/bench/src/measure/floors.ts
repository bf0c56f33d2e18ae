/** What the machine itself can do: loops without any of our code, to hold our figures against. */
import * as crypto from 'node:crypto'
import { closeSync, constants, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { realDisk } from '@claimlog/client/unstable-internals'
import { ratePerSecond } from './measuring.ts'

const openForAppend = (path: string): number =>
  openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT)

/** Lines appended to a file of their own and synced, one by one; per second. */
export const writeAndSync = (dir: string, line: string, forMs: number): number => {
  const bytes = Buffer.from(line)
  const fd = openForAppend(join(dir, 'floor-sync'))
  try {
    return ratePerSecond(forMs, () => {
      writeSync(fd, bytes)
      fdatasyncSync(fd)
    })
  } finally {
    closeSync(fd)
  }
}

/** Lines appended under an exclusive lock, the file's size looked up, not synced; per second. */
export const lockAndWrite = (dir: string, line: string, forMs: number): number => {
  const bytes = Buffer.from(line)
  const fd = openForAppend(join(dir, 'floor-lock'))
  try {
    return ratePerSecond(forMs, () => {
      realDisk.tryLock(fd)
      realDisk.fstat(fd)
      realDisk.append(fd, bytes)
      realDisk.unlock(fd)
    })
  } finally {
    closeSync(fd)
  }
}

/** `use` once for each line in turn, over and over; per second. */
const perLine = (lines: ReadonlyArray<string>, forMs: number, use: (line: string) => unknown): number => {
  // In batches, as looking at the clock would cost as much as a line does.
  const batch = 1000
  let next = 0
  return (
    batch *
    ratePerSecond(forMs, () => {
      for (let i = 0; i < batch; i += 1) {
        use(lines[next] as string)
        next = next + 1 === lines.length ? 0 : next + 1
      }
    })
  )
}

// One-shot hashing came with Node 20.12.
const sha256: (text: string) => string =
  typeof crypto.hash === 'function'
    ? text => crypto.hash('sha256', text, 'hex')
    : text => crypto.createHash('sha256').update(text).digest('hex')

/** `JSON.parse` of event lines, per second. */
export const parseLines = (lines: ReadonlyArray<string>, forMs: number): number => perLine(lines, forMs, JSON.parse)

/** SHA-256 of event lines, per second. */
export const hashLines = (lines: ReadonlyArray<string>, forMs: number): number => perLine(lines, forMs, sha256)

/** `JSON.parse` and SHA-256 of event lines: the least that reading a chained log takes; per second. */
export const parseAndHashLines = (lines: ReadonlyArray<string>, forMs: number): number =>
  perLine(lines, forMs, line => {
    JSON.parse(line)
    sha256(line)
  })
