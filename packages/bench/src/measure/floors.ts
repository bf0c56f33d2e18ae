/** Lower bounds of the machine: loops without any of our code, as baselines for our figures. */
import * as crypto from 'node:crypto'
import { closeSync, constants, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { realDisk } from '@claimlog/client/unstable-internals'
import { ratePerSecond } from './measuring.ts'

const openForAppend = (path: string): number =>
  openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT)

/** Lines per second appended to a separate file and synced one by one. */
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

/** Lines per second appended under an exclusive lock, with a query of the file's size, not synced. */
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

/** Calls per second of `use`, with each line in turn, repeatedly. */
const perLine = (lines: ReadonlyArray<string>, forMs: number, use: (line: string) => unknown): number => {
  // In batches, because reading the clock costs as much as a line.
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

/** `JSON.parse` and SHA-256 of event lines, per second: the least work that reading a chained log takes. */
export const parseAndHashLines = (lines: ReadonlyArray<string>, forMs: number): number =>
  perLine(lines, forMs, line => {
    JSON.parse(line)
    sha256(line)
  })
