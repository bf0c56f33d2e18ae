import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { type Disk, realDisk } from '../disk/disk.ts'
import { besideTheLog, decisions, repair, repairedText, startOf } from '../../testing/damaged-log.ts'
import { systemError } from '../../testing/recording-disk.ts'
import { bytesAsText, directoryWith, inLog, logOf, logPath, logText, right, say } from '../../testing/sample-log.ts'

/** A log that is damaged in line 6, the part to keep, and the expected repaired log. */
const damagedLog = async () => {
  const bytes = await logOf(decisions)
  const from = startOf(bytes, 6)
  bytes[from + 20] = 0x78
  const tail = bytesAsText(bytes.subarray(from))
  return { bytes, damaged: bytesAsText(bytes), tail, repaired: repairedText(bytes.subarray(0, from), 5, 12) }
}

/** A disk, and a function that ends the process that used it and returns the number of files left open. */
type FaultyDisk = { readonly disk: Disk; readonly endOfProcess: () => number }

/**
 * The real disk, on which `fault` may throw in place of each call; for a write, after half of it is done.
 */
const faultyDisk = (fault: (call: keyof Disk) => void): FaultyDisk => {
  const open = new Set<number>()
  const calls = Object.entries(realDisk).map(([name, does]) => {
    const call = name as keyof Disk
    return [
      call,
      (...of: ReadonlyArray<unknown>) => (fault(call), (does as (...of: ReadonlyArray<unknown>) => unknown)(...of)),
    ]
  })
  const disk: Disk = {
    ...(Object.fromEntries(calls) as Disk),
    open: (...of) => {
      fault('open')
      const fd = realDisk.open(...of)
      open.add(fd)
      return fd
    },
    close: fd => {
      fault('close')
      realDisk.close(fd)
      open.delete(fd)
    },
    append: (fd, bytes) => {
      const half = bytes.length >> 1
      if (half > 0) realDisk.append(fd, bytes.subarray(0, half))
      fault('append')
      return half + realDisk.append(fd, bytes.subarray(half))
    },
  }
  const endOfProcess = (): number => {
    open.forEach(fd => realDisk.close(fd))
    return open.size
  }
  return { disk, endOfProcess }
}

/** More calls than any repair makes. */
const mostCalls = 100

describe('a process that dies at any system call of a repair', () => {
  it('leaves the log either unchanged or repaired, and another process finishes', async () => {
    const { bytes, damaged, tail, repaired } = await damagedLog()
    const left: Array<string> = []
    for (let dyingAt = 1; ; dyingAt += 1) {
      const dir = directoryWith(bytes)
      let calls = 0
      // Not a system error: nothing in this process may continue after it.
      const { disk, endOfProcess } = faultyDisk(() => {
        calls += 1
        if (calls >= dyingAt) throw new Error('the process is dead')
      })
      const came = await repair(dir, { disk }).catch((thrown: unknown) => thrown)
      endOfProcess()
      if (calls < dyingAt) {
        expect(right(came as Awaited<ReturnType<typeof repair>>)).toMatchObject({ seq: 12 })
        break
      }
      expect(came).toEqual(new Error('the process is dead'))
      expect([damaged, repaired]).toContain(logText(dir))
      left.push(logText(dir) === damaged ? 'damaged' : 'repaired')
      if (left.at(-1) === 'repaired') expect(Object.values(besideTheLog(dir))).toContain(tail)
      right(await repair(dir))
      expect(logText(dir)).toBe(repaired)
      const kept = besideTheLog(dir)
      expect(Object.values(kept)).toContain(tail)
      expect(kept).not.toHaveProperty(['events.jsonl.repairing'])
      expect(await inLog(dir, log => say(log, 'more'))).toBe(13)
      expect(dyingAt).toBeLessThan(mostCalls)
    }
    expect([...new Set(left)]).toEqual(['damaged', 'repaired'])
  }, 60_000)
})

describe('a disk that fails once, at any call of a repair', () => {
  it('makes the repair fail, with the log unchanged or repaired, nothing lost, and no file left open', async () => {
    const { bytes, damaged, tail, repaired } = await damagedLog()
    for (let failing = 1; ; failing += 1) {
      const dir = directoryWith(bytes)
      let calls = 0
      let failed: keyof Disk | undefined
      const { disk, endOfProcess } = faultyDisk(call => {
        calls += 1
        if (calls !== failing) return
        failed = call
        throw systemError('EIO')
      })
      const came = await repair(dir, { disk }).catch((thrown: unknown) => E.left(thrown))
      // Only a file that could not be closed, or not checked when it was opened.
      expect(endOfProcess()).toBeLessThanOrEqual(failed === 'close' || failed === 'fstat' ? 1 : 0)
      if (failed === undefined) break
      const log = logText(dir)
      expect([damaged, repaired]).toContain(log)
      const files = Object.keys(besideTheLog(dir)).filter(name => name !== 'events.unsynced')
      if (log === repaired) expect(Object.values(besideTheLog(dir))).toContain(tail)
      else if (failed === 'rename') expect(files).toEqual(['events.quarantine.1'])
      else if (failed !== 'close' && failed !== 'remove') expect(files).toEqual([])
      if (E.isRight(came)) expect(log).toBe(repaired)
      else if (log === damaged)
        expect(came.left).toMatchObject({ failure: 'IoFailed', path: logPath(dir), code: 'EIO' })
      expect(failing).toBeLessThan(mostCalls)
    }
  }, 60_000)

  it('reports an unknown outcome if the new name could not be synced, and the next writer syncs it', async () => {
    const { bytes, repaired } = await damagedLog()
    const dir = directoryWith(bytes)
    let syncs = 0
    const { disk } = faultyDisk(call => {
      if (call === 'syncDirectory' && (syncs += 1) === 2) throw systemError('EIO')
    })
    expect(await repair(dir, { disk })).toMatchObject({ left: { failure: 'OutcomeUnknown', path: logPath(dir) } })
    expect(logText(dir)).toBe(repaired)
    expect(Object.keys(besideTheLog(dir)).sort()).toEqual(['events.quarantine.1', 'events.unsynced'])
    expect(await inLog(dir, log => say(log, 'more'))).toBe(13)
    expect(Object.keys(besideTheLog(dir))).toEqual(['events.quarantine.1'])
  })
})

describe('a disk that silently corrupts data', () => {
  it('leaves the log unchanged if the copy does not read as it was written', async () => {
    const { bytes, damaged } = await damagedLog()
    const dir = directoryWith(bytes)
    const append = (fd: number, wanted: Uint8Array): number => realDisk.append(fd, Buffer.from(wanted).fill(0x78, 5, 6))
    expect(await repair(dir, { disk: { ...realDisk, append } })).toMatchObject({
      left: { failure: 'IoFailed', path: logPath(dir), operation: 'repair', code: 'EIO' },
    })
    expect([logText(dir), besideTheLog(dir)]).toEqual([damaged, {}])
  })
})

describe('a log that cannot be written', () => {
  it('is not repaired, even if its directory would permit it', async () => {
    const { bytes, damaged } = await damagedLog()
    const dir = directoryWith(bytes)
    const open: Disk['open'] = (path, opening) => {
      if (opening === 'append') throw systemError('EACCES')
      return realDisk.open(path, opening)
    }
    expect(await repair(dir, { disk: { ...realDisk, open } })).toMatchObject({
      left: { failure: 'IoFailed', path: logPath(dir), code: 'EACCES' },
    })
    expect([logText(dir), besideTheLog(dir)]).toEqual([damaged, {}])
  })
})

describe('a full disk', () => {
  it('after any number of bytes leaves the log unchanged and no other files', async () => {
    const { bytes, damaged, tail, repaired } = await damagedLog()
    const dir = directoryWith(bytes)
    for (const room of [0, 1, 100, tail.length - 1, tail.length, tail.length + 1, tail.length + repaired.length - 1]) {
      let left = room
      const append = (fd: number, wanted: Uint8Array): number => {
        if (left === 0) throw systemError('ENOSPC')
        const taken = realDisk.append(fd, wanted.subarray(0, left))
        left -= taken
        return taken
      }
      expect(await repair(dir, { disk: { ...realDisk, append } })).toMatchObject({
        left: { failure: 'IoFailed', path: logPath(dir), operation: 'repair', code: 'ENOSPC' },
      })
      expect([room, logText(dir), besideTheLog(dir)]).toEqual([room, damaged, {}])
    }
    right(await repair(dir))
    expect(logText(dir)).toBe(repaired)
  })
})
