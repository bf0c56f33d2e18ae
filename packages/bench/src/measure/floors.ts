/** Lower bounds of the machine: loops without any of our code, as baselines for our figures. */
import * as crypto from 'node:crypto'
import { closeSync, constants, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { realDisk } from '@claimlog/client/unstable-internals'
import { measureRate } from './measurement.ts'

const openAppendFile = (path: string): number =>
  openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT)

/** Lines per second appended to a separate file and synced one by one. */
export const measureWriteAndSync = (dir: string, line: string, durationMs: number): number => {
  const bytes = Buffer.from(line)
  const fd = openAppendFile(join(dir, 'floor-sync'))
  try {
    return measureRate(durationMs, () => {
      writeSync(fd, bytes)
      fdatasyncSync(fd)
    })
  } finally {
    closeSync(fd)
  }
}

/** Lines per second appended under an exclusive lock, with a query of the file's size, not synced. */
export const measureLockAndWrite = (dir: string, line: string, durationMs: number): number => {
  const bytes = Buffer.from(line)
  const fd = openAppendFile(join(dir, 'floor-lock'))
  try {
    return measureRate(durationMs, () => {
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
const measureLines = (lines: ReadonlyArray<string>, durationMs: number, use: (line: string) => unknown): number => {
  // In batches, because reading the clock costs as much as a line.
  const linesPerBatch = 1000
  let next = 0
  return (
    linesPerBatch *
    measureRate(durationMs, () => {
      for (let i = 0; i < linesPerBatch; i += 1) {
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
export const measureParse = (lines: ReadonlyArray<string>, durationMs: number): number =>
  measureLines(lines, durationMs, JSON.parse)

/** SHA-256 of event lines, per second. */
export const measureHash = (lines: ReadonlyArray<string>, durationMs: number): number =>
  measureLines(lines, durationMs, sha256)

/** `JSON.parse` and SHA-256 of event lines, per second: the least work that reading a chained log takes. */
export const measureParseAndHash = (lines: ReadonlyArray<string>, durationMs: number): number =>
  measureLines(lines, durationMs, line => {
    JSON.parse(line)
    sha256(line)
  })
