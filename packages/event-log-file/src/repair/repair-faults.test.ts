import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { type Disk, realDisk } from '../disk/disk.ts'
import { readOtherFiles, decisions, repair, formatRepairedLog, findLineStart } from '../../testing/damaged-log.ts'
import { faultyDisk } from '../../testing/faulty-disk.ts'
import { systemError } from '../../testing/recording-disk.ts'
import {
  bytesAsText,
  createDirectoryFromBytes,
  withLog,
  buildLog,
  logPath,
  logText,
  expectRight,
  appendWord,
} from '../../testing/sample-log.ts'

/** A log that is damaged in line 6, the part to keep, and the expected repaired log. */
const damagedLog = async () => {
  const bytes = await buildLog(decisions)
  const from = findLineStart(bytes, 6)
  bytes[from + 20] = 0x78
  const tail = bytesAsText(bytes.subarray(from))
  return { bytes, damaged: bytesAsText(bytes), tail, repaired: formatRepairedLog(bytes.subarray(0, from), 5, 12) }
}

/** More calls than any repair makes. */
const callsMax = 100

describe('a process that dies at any system call of a repair', () => {
  it('leaves the log either unchanged or repaired, and another process finishes', async () => {
    const { bytes, damaged, tail, repaired } = await damagedLog()
    const outcomes: Array<string> = []
    for (let fatalCall = 1; ; fatalCall += 1) {
      const dir = createDirectoryFromBytes(bytes)
      let calls = 0
      // Not a system error: nothing in this process may continue after it.
      const { disk, endOfProcess } = faultyDisk(() => {
        calls += 1
        if (calls >= fatalCall) throw new Error('the process is dead')
      })
      const result = await repair(dir, { disk }).catch((thrown: unknown) => thrown)
      endOfProcess()
      if (calls < fatalCall) {
        expect(expectRight(result as Awaited<ReturnType<typeof repair>>)).toMatchObject({ seq: 12 })
        break
      }
      expect(result).toEqual(new Error('the process is dead'))
      expect([damaged, repaired]).toContain(logText(dir))
      outcomes.push(logText(dir) === damaged ? 'damaged' : 'repaired')
      if (outcomes.at(-1) === 'repaired') expect(Object.values(readOtherFiles(dir))).toContain(tail)
      expectRight(await repair(dir))
      expect(logText(dir)).toBe(repaired)
      const otherFiles = readOtherFiles(dir)
      expect(Object.values(otherFiles)).toContain(tail)
      expect(otherFiles).not.toHaveProperty(['events.jsonl.repairing'])
      expect(await withLog(dir, log => appendWord(log, 'more'))).toBe(13)
      expect(fatalCall).toBeLessThan(callsMax)
    }
    expect([...new Set(outcomes)]).toEqual(['damaged', 'repaired'])
  }, 60_000)
})

describe('a disk that fails once, at any call of a repair', () => {
  it('makes the repair fail, with the log unchanged or repaired, nothing lost, and no file left open', async () => {
    const { bytes, damaged, tail, repaired } = await damagedLog()
    for (let failingCall = 1; ; failingCall += 1) {
      const dir = createDirectoryFromBytes(bytes)
      let calls = 0
      let failed: keyof Disk | undefined
      const { disk, endOfProcess } = faultyDisk(call => {
        calls += 1
        if (calls !== failingCall) return
        failed = call
        throw systemError('EIO')
      })
      const result = await repair(dir, { disk }).catch((thrown: unknown) => E.left(thrown))
      // Only a file that could not be closed, or not checked when it was opened.
      expect(endOfProcess()).toBeLessThanOrEqual(failed === 'close' || failed === 'fstat' ? 1 : 0)
      if (failed === undefined) break
      const log = logText(dir)
      expect([damaged, repaired]).toContain(log)
      const files = Object.keys(readOtherFiles(dir)).filter(name => name !== 'events.unsynced')
      if (log === repaired) expect(Object.values(readOtherFiles(dir))).toContain(tail)
      else if (failed === 'rename') expect(files).toEqual(['events.quarantine.1'])
      else if (failed !== 'close' && failed !== 'remove') expect(files).toEqual([])
      if (E.isRight(result)) expect(log).toBe(repaired)
      else if (log === damaged)
        expect(result.left).toMatchObject({ failure: 'IoFailed', path: logPath(dir), code: 'EIO' })
      expect(failingCall).toBeLessThan(callsMax)
    }
  }, 60_000)

  it('reports an unknown outcome if the new name could not be synced, and the next writer syncs it', async () => {
    const { bytes, repaired } = await damagedLog()
    const dir = createDirectoryFromBytes(bytes)
    let syncs = 0
    const { disk } = faultyDisk(call => {
      if (call === 'syncDirectory' && (syncs += 1) === 2) throw systemError('EIO')
    })
    expect(await repair(dir, { disk })).toMatchObject({ left: { failure: 'OutcomeUnknown', path: logPath(dir) } })
    expect(logText(dir)).toBe(repaired)
    expect(Object.keys(readOtherFiles(dir)).sort()).toEqual(['events.quarantine.1', 'events.unsynced'])
    expect(await withLog(dir, log => appendWord(log, 'more'))).toBe(13)
    expect(Object.keys(readOtherFiles(dir))).toEqual(['events.quarantine.1'])
  })
})

describe('a disk that silently corrupts data', () => {
  it('leaves the log unchanged if the copy does not read as it was written', async () => {
    const { bytes, damaged } = await damagedLog()
    const dir = createDirectoryFromBytes(bytes)
    const append = (fd: number, chunk: Uint8Array): number => realDisk.append(fd, Buffer.from(chunk).fill(0x78, 5, 6))
    expect(await repair(dir, { disk: { ...realDisk, append } })).toMatchObject({
      left: { failure: 'IoFailed', path: logPath(dir), operation: 'repair', code: 'EIO' },
    })
    expect([logText(dir), readOtherFiles(dir)]).toEqual([damaged, {}])
  })
})

describe('a log that cannot be written', () => {
  it('is not repaired, even if its directory would permit it', async () => {
    const { bytes, damaged } = await damagedLog()
    const dir = createDirectoryFromBytes(bytes)
    const open: Disk['open'] = (path, openMode) => {
      if (openMode === 'append') throw systemError('EACCES')
      return realDisk.open(path, openMode)
    }
    expect(await repair(dir, { disk: { ...realDisk, open } })).toMatchObject({
      left: { failure: 'IoFailed', path: logPath(dir), code: 'EACCES' },
    })
    expect([logText(dir), readOtherFiles(dir)]).toEqual([damaged, {}])
  })
})

describe('a full disk', () => {
  it('after any number of bytes leaves the log unchanged and no other files', async () => {
    const { bytes, damaged, tail, repaired } = await damagedLog()
    const dir = createDirectoryFromBytes(bytes)
    for (const room of [0, 1, 100, tail.length - 1, tail.length, tail.length + 1, tail.length + repaired.length - 1]) {
      let freeBytes = room
      const append = (fd: number, chunk: Uint8Array): number => {
        if (freeBytes === 0) throw systemError('ENOSPC')
        const written = realDisk.append(fd, chunk.subarray(0, freeBytes))
        freeBytes -= written
        return written
      }
      expect(await repair(dir, { disk: { ...realDisk, append } })).toMatchObject({
        left: { failure: 'IoFailed', path: logPath(dir), operation: 'repair', code: 'ENOSPC' },
      })
      expect([room, logText(dir), readOtherFiles(dir)]).toEqual([room, damaged, {}])
    }
    expectRight(await repair(dir))
    expect(logText(dir)).toBe(repaired)
  })
})
