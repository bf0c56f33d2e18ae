import * as E from 'fp-ts/lib/Either.js'
import { identity } from 'fp-ts/lib/function.js'
import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Disk, realDisk } from '../disk/disk.ts'
import { recordingDisk, systemError } from '../../testing/recording-disk.ts'
import {
  appendDecisions,
  bytesAsText,
  createDirectoryFromBytes,
  withLog,
  logBytes,
  buildLog,
  logPath,
  logText,
  createLogDirectory,
  openSampleLog,
  readWords,
  wordEvents,
  appendWord,
  tornText,
} from '../../testing/sample-log.ts'

const before = [['one'], ['two']]

/** A disk on which every append fails after its first `bytes`, until space is freed. */
const createFullDisk = (bytes: number) => {
  let full = true
  let written = 0
  return {
    freeSpace: () => {
      full = false
    },
    append: (fd: number, chunk: Uint8Array): number => {
      if (!full) return realDisk.append(fd, chunk)
      if (written >= bytes) throw systemError('ENOSPC')
      const part = realDisk.append(fd, chunk.subarray(0, bytes - written))
      written += part
      return part
    },
  }
}

describe('a disk that writes a few bytes at a time', () => {
  it('ends up with the whole decision, and with the torn tail moved away', async () => {
    const dir = createDirectoryFromBytes(Buffer.concat([await buildLog(before), Buffer.from('{"seq":3,"torn')]))
    const disk = recordingDisk({ append: (fd, bytes) => realDisk.append(fd, bytes.subarray(0, 7)) })
    await withLog(dir, log => appendDecisions(log, 2, [['drei', '🦊', 'fünf']]), { disk })
    expect(logText(dir)).toBe(bytesAsText(await buildLog([...before, ['drei', '🦊', 'fünf']])))
    expect(tornText(dir)).toBe('{"seq":3,"torn\n')
  })
})

describe('a disk that reads a few bytes at a time', () => {
  it('makes no reader or writer mistake missing bytes for the end of the log', async () => {
    const dir = createDirectoryFromBytes(await buildLog(before))
    const disk = recordingDisk({
      read: (fd, buffer, at, length, offset) => realDisk.read(fd, buffer, at, Math.min(length, 7), offset),
    })
    expect(await withLog(dir, readWords, { disk })).toEqual(['one', 'two'])
    expect(await withLog(dir, log => appendWord(log, 'three'), { disk })).toBe(3)
    expect([logText(dir), tornText(dir)]).toEqual([bytesAsText(await buildLog([...before, ['three']])), undefined])
  })
})

describe('a full disk', () => {
  it.each([0, 1, 30, 70, 100])('after %d bytes of a decision leaves the log unchanged and says so', async bytes => {
    const dir = createDirectoryFromBytes(await buildLog(before))
    const { append: appendUntilFull, freeSpace } = createFullDisk(bytes)
    const log = await openSampleLog(dir, { disk: recordingDisk({ append: appendUntilFull }) })
    const failed = await log.append(2, wordEvents(2, ['three', 'four']))()
    expect(failed).toMatchObject({
      left: { failure: 'IoFailed', path: logPath(dir), operation: 'write', code: 'ENOSPC' },
    })
    expect(logText(dir)).toBe(bytesAsText(await buildLog(before)))
    freeSpace()
    expect(await appendWord(log, 'three')).toBe(3)
    await log.close()
    expect(logText(dir)).toBe(bytesAsText(await buildLog([...before, ['three']])))
    expect(tornText(dir)).toBeUndefined()
  })

  it('that cannot undo a partial write of a decision makes no reader read that as an event', async () => {
    const dir = createDirectoryFromBytes(await buildLog(before))
    const truncate = () => {
      throw systemError('EIO')
    }
    const disk = recordingDisk({ append: createFullDisk(70).append, truncate })
    await withLog(dir, log => log.append(2, wordEvents(2, ['three', 'four']))(), { disk })
    expect(logBytes(dir).length).toBe((await buildLog(before)).length + 70)
    expect(await withLog(dir, readWords)).toEqual(['one', 'two'])
    expect(await withLog(dir, log => appendWord(log, 'next'))).toBe(3)
    expect(logText(dir)).toBe(bytesAsText(await buildLog([...before, ['next']])))
  })

  it.each([0, 1, 5])('after %d bytes of a torn tail leaves the tail in the log', async bytes => {
    const torn = Buffer.concat([await buildLog(before), Buffer.from('{"seq":3,"torn')])
    const dir = createDirectoryFromBytes(torn)
    const disk = recordingDisk({ append: createFullDisk(bytes).append })
    const failed = await withLog(dir, log => appendWord(log, 'three'), { disk })
    expect(failed).toMatchObject({ failure: 'IoFailed', code: 'ENOSPC' })
    expect(logText(dir)).toBe(bytesAsText(torn))
  })

  it('that fails to sync the torn tail leaves the tail in the log', async () => {
    const torn = Buffer.concat([await buildLog(before), Buffer.from('{"seq":3,"torn')])
    const dir = createDirectoryFromBytes(torn)
    const datasync = () => {
      throw systemError('EIO')
    }
    const failed = await withLog(dir, log => appendWord(log, 'three'), { disk: recordingDisk({ datasync }) })
    expect(failed).toMatchObject({ failure: 'IoFailed', code: 'EIO' })
    expect(logText(dir)).toBe(bytesAsText(torn))
  })
})

describe('a disk that fails to sync', () => {
  const createDiskFailingOnce = () => {
    let syncs = 0
    return recordingDisk({
      datasync: fd => {
        syncs += 1
        if (syncs === 1) throw systemError('EIO')
        realDisk.datasync(fd)
      },
    })
  }

  it('makes the outcome unknown, and that log object writes no more, even if the disk works again', async () => {
    const dir = createDirectoryFromBytes(await buildLog(before))
    const log = await openSampleLog(dir, { disk: createDiskFailingOnce() })
    const unknown = { failure: 'OutcomeUnknown', path: logPath(dir), operation: 'fdatasync' }
    expect(await appendWord(log, 'three')).toMatchObject(unknown)
    const remainingText = logText(dir)
    expect(await appendWord(log, 'four')).toMatchObject(unknown)
    expect(await log.append(3, wordEvents(3, ['four']))()).toMatchObject({ left: unknown })
    const nothing = log.transact({ seq: 3, apply: () => undefined }, () => E.right({ events: [] }), identity)
    expect(await nothing()).toMatchObject({ left: unknown })
    expect(logText(dir)).toBe(remainingText)
    await log.close()
  })

  it('makes the outcome unknown for every call of the commit, and stops later calls', async () => {
    const dir = createDirectoryFromBytes(await buildLog(before))
    const disk = createDiskFailingOnce()
    let refusals = 3
    const busy = { ...disk, tryLock: (fd: number) => (refusals-- > 0 ? false : disk.tryLock(fd)) }
    const log = await openSampleLog(dir, { disk: busy })
    const results = await Promise.all([
      log.append(2, wordEvents(2, ['three']))(),
      log.append(3, wordEvents(3, ['four']))(),
      log.append(3, wordEvents(3, ['five']))(),
    ])
    results.push(await log.append(4, wordEvents(4, ['six']))())
    expect(results.map(each => (E.isLeft(each) ? each.left.failure : 'ok'))).toEqual([
      'OutcomeUnknown',
      'OutcomeUnknown',
      'SeqConflict',
      'OutcomeUnknown',
    ])
    expect(await withLog(dir, readWords)).toEqual(['one', 'two', 'three', 'four'])
    await log.close()
  })

  it('stops no reader and no other log object, which writes every byte again and syncs', async () => {
    const dir = createDirectoryFromBytes(await buildLog(before))
    const log = await openSampleLog(dir, { disk: createDiskFailingOnce() })
    await appendWord(log, 'three')
    expect(await readWords(log)).toEqual(['one', 'two', 'three'])
    expect(readdirSync(dir).sort()).toEqual(['events.jsonl', 'events.unsynced'])
    const disk = recordingDisk()
    expect(await withLog(dir, other => appendWord(other, 'four'), { disk })).toBe(4)
    expect(disk.calls).toEqual([
      ...['lock events.jsonl', 'overwrite events.jsonl', 'datasync events.jsonl'],
      ...['append events.jsonl', 'unlock events.jsonl', 'datasync events.jsonl'],
    ])
    expect(readdirSync(dir)).toEqual(['events.jsonl'])
    expect(logText(dir)).toBe(bytesAsText(await buildLog([...before, ['three'], ['four']])))
    await log.close()
  })

  it('stops all writers, but no readers, until the log can be synced', async () => {
    const dir = createDirectoryFromBytes(await buildLog(before))
    await withLog(dir, log => appendWord(log, 'three'), { disk: createDiskFailingOnce() })
    const disk = recordingDisk({
      datasync: () => {
        throw systemError('EIO')
      },
    })
    const failed = { failure: 'IoFailed', operation: 'sync', code: 'EIO' }
    await withLog(
      dir,
      async log => {
        expect([await appendWord(log, 'four'), await appendWord(log, 'four')]).toMatchObject([failed, failed])
        expect(await readWords(log)).toEqual(['one', 'two', 'three'])
      },
      { disk },
    )
    expect(await withLog(dir, log => appendWord(log, 'four'))).toBe(4)
  })

  it('and fails once to create the mark still makes the next log object write every byte again', async () => {
    const dir = createDirectoryFromBytes(await buildLog(before))
    let statCalls = 0
    const stat: Disk['stat'] = path => {
      if (path.endsWith('events.unsynced') && (statCalls += 1) === 2) throw systemError('ENOSPC')
      return realDisk.stat(path)
    }
    const failed = await withLog(dir, log => appendWord(log, 'three'), { disk: { ...createDiskFailingOnce(), stat } })
    expect(failed).toMatchObject({ failure: 'OutcomeUnknown' })
    const disk = recordingDisk()
    await withLog(dir, other => appendWord(other, 'four'), { disk })
    expect(disk.calls).toContain('overwrite events.jsonl')
  })

  it('and has no room for the mark still reports that the outcome is unknown', async () => {
    const dir = createDirectoryFromBytes(await buildLog(before))
    const open: Disk['open'] = (path, openMode) => {
      if (openMode === 'append or create') throw systemError('ENOSPC')
      return realDisk.open(path, openMode)
    }
    const failed = await withLog(dir, log => appendWord(log, 'three'), { disk: { ...createDiskFailingOnce(), open } })
    expect(failed).toMatchObject({ failure: 'OutcomeUnknown' })
  })
})

describe('a disk that fails in another call', () => {
  it.each(['tryLock', 'stat', 'read'] as const)('returns a failure and not a defect: %s', async call => {
    const dir = createDirectoryFromBytes(await buildLog(before))
    const log = await openSampleLog(dir, {
      disk: recordingDisk({
        [call]: () => {
          throw systemError('EIO')
        },
      }),
    })
    expect(await log.append(2, wordEvents(2, ['three']))()).toMatchObject({
      left: { failure: 'IoFailed', code: 'EIO' },
    })
    await log.close()
    expect(logText(dir)).toBe(bytesAsText(await buildLog(before)))
  })

  it('cannot write a line that is too long', async () => {
    const dir = createLogDirectory()
    const log = await openSampleLog(dir)
    const lengthMax =
      1024 * 1024 - '{"seq":1,"event":"said","word":"","hash":"0123456789abcdef0123456789abcdef"}\n'.length
    expect(await log.append(0, wordEvents(0, ['x'.repeat(lengthMax + 1)]))()).toEqual({
      _tag: 'Left',
      left: { failure: 'TooLarge', bytes: 1024 * 1024 + 1, maxBytes: 1024 * 1024 },
    })
    expect(logBytes(dir).length).toBe(0)
    await appendDecisions(log, 0, [['x'.repeat(lengthMax)], ['ü'.repeat(1000)]])
    await log.close()
    expect(await withLog(dir, readWords)).toEqual(['x'.repeat(lengthMax), 'ü'.repeat(1000)])
    expect(logBytes(dir).indexOf('\n')).toBe(1024 * 1024 - 1)
  })
})
