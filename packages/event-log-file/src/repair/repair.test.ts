import { createHash } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { SampleEvent } from '@claimlog/event-log/conformance'
import { type Disk, realDisk } from '../disk/disk.ts'
import { planRepair, repairFileLog } from './repair.ts'
import { readOtherFiles, decisions, repair, formatRepairedLog, findLineStart } from '../../testing/damaged-log.ts'
import { startLockingProcess } from '../../testing/log-process.ts'
import {
  bytesAsText,
  createDirectoryFromBytes,
  withLog,
  lastHash,
  formatLine,
  buildLog,
  logPath,
  logText,
  createLogDirectory,
  openSampleLog,
  readWords,
  expectRight,
  wordEvents,
  sampleCodec,
  appendWord,
} from '../../testing/sample-log.ts'

/** A disk that does not sync, because a thousand repairs follow below. */
const diskWithoutSync: Disk = { ...realDisk, datasync: () => undefined, syncDirectory: () => undefined }

/** The log of all decisions, with the byte at `at` changed. */
const buildDamagedLog = async (at: (sound: Buffer) => number, flip = 0x01): Promise<Buffer> => {
  const bytes = await buildLog(decisions)
  const offset = at(bytes)
  bytes[offset] = (bytes[offset] as number) ^ flip
  return bytes
}

/** Every seventh byte, and each newline but the last: replacing a file takes 15 ms on some disks. */
const offsetsToFlip = (sound: Buffer): ReadonlyArray<number> =>
  [...sound.keys()].filter(at => at % 7 === 0 || sound[at] === 0x0a).filter(at => at < sound.length - 1)

const offsetInLine = (line: number) => (sound: Buffer) => findLineStart(sound, line) + 30

/** The lines before a line that belong to whole decisions. */
const countKeptLines = (line: number): number => (line > 9 ? 9 : line === 4 ? 2 : line - 1)

describe.each([{ flip: 0x01 }, { flip: 0xff }])('a log with any one byte changed by $flip', ({ flip }) => {
  it('continues after its last sound decision, the rest is kept byte for byte, and no seq is used twice', async () => {
    const sound = await buildLog(decisions)
    const starts = Array.from({ length: 13 }, (_, i) => findLineStart(sound, i + 1))
    const dir = createLogDirectory()
    for (const at of offsetsToFlip(sound)) {
      const bytes = Buffer.from(sound)
      bytes[at] = (bytes[at] as number) ^ flip
      writeFileSync(logPath(dir), bytes)
      const keptSeq = countKeptLines(starts.filter(start => start <= at).length)
      const from = starts[keptSeq] as number
      const repaired = expectRight(await repair(dir, { disk: diskWithoutSync }))
      expect(repaired, `byte ${at}`).toMatchObject({ _tag: 'damaged', keptSeq, from, bytes: sound.length - from })
      expect(repaired.seq).toBeGreaterThanOrEqual(12)
      expect(logText(dir)).toBe(formatRepairedLog(sound.subarray(0, from), keptSeq, repaired.seq))
      expect(readOtherFiles(dir)).toEqual({ 'events.quarantine.1': bytesAsText(bytes.subarray(from)) })
      expect(expectRight(await repair(dir))).toEqual({ _tag: 'sound', seq: repaired.seq, unfinishedBytes: 0 })
      rmSync(join(dir, 'events.quarantine.1'))
    }
  })
})

describe('a repair', () => {
  it('can be planned without changing anything', async () => {
    const bytes = await buildDamagedLog(offsetInLine(11))
    const dir = createDirectoryFromBytes(bytes)
    const keptEvents: Array<SampleEvent> = []
    const from = findLineStart(bytes, 10)
    const cut = {
      _tag: 'damaged',
      path: logPath(dir),
      damage: {
        line: 11,
        offset: findLineStart(bytes, 11),
        detail: 'its hash does not match: this line was changed, or the one before it',
      },
      keptSeq: 9,
      from,
      bytes: bytes.length - from,
      lines: 3,
      spentSeq: 12,
    }
    expect(
      expectRight(await planRepair({ dir, codec: sampleCodec }, events => keptEvents.push(...events))()),
    ).toMatchObject({
      ...cut,
      quarantinePath: join(dir, 'events.quarantine.1'),
    })
    expect(keptEvents).toEqual(wordEvents(0, decisions.slice(0, -1).flat()))
    expect([logText(dir), readOtherFiles(dir)]).toEqual([bytesAsText(bytes), {}])
    expect(expectRight(await repair(dir))).toMatchObject({ ...cut, seq: 12 })
  })

  it('reads what is readable of the part that is cut off', async () => {
    const bytes = await buildDamagedLog(offsetInLine(5))
    const { readable } = expectRight(await repair(createDirectoryFromBytes(bytes))) as {
      readonly readable: ReadonlyArray<object>
    }
    expect(readable.map(json => (json as { readonly seq: number }).seq)).toEqual([6, 7, 8, 9, 10])
  })

  it('leaves a log to which others can append', async () => {
    const bytes = await buildDamagedLog(offsetInLine(11))
    const dir = createDirectoryFromBytes(bytes)
    await repair(dir)
    expect(await withLog(dir, log => appendWord(log, 'more'))).toBe(13)
    expect(await withLog(dir, readWords)).toEqual([...decisions.flat().slice(0, 9), 'lost', 'lost', 'lost', 'more'])
  })

  it('gives the log and the quarantine the permissions that the log had', async () => {
    const dir = createDirectoryFromBytes(await buildDamagedLog(offsetInLine(5)))
    chmodSync(logPath(dir), 0o640)
    await repair(dir)
    const modes = ['events.jsonl', 'events.quarantine.1'].map(name => statSync(join(dir, name)).mode & 0o7777)
    expect(modes).toEqual([0o640, 0o640])
  })

  it('uses another name for the quarantine if one is taken, even by a symbolic link', async () => {
    const bytes = await buildDamagedLog(offsetInLine(10))
    const dir = createDirectoryFromBytes(bytes)
    writeFileSync(join(dir, 'events.quarantine.1'), 'kept')
    symlinkSync('elsewhere', join(dir, 'events.quarantine.2'))
    expect(expectRight(await repair(dir))).toMatchObject({ quarantine: { name: 'events.quarantine.3' } })
    expect(readFileSync(join(dir, 'events.quarantine.1'), 'utf8')).toBe('kept')
    expect(bytesAsText(readFileSync(join(dir, 'events.quarantine.3')))).toBe(
      bytesAsText(bytes.subarray(findLineStart(bytes, 10))),
    )
    expect(existsSync(join(dir, 'elsewhere'))).toBe(false)
  })

  it('removes the file of a repair that died, and follows no symbolic link of that name', async () => {
    const dir = createDirectoryFromBytes(await buildDamagedLog(offsetInLine(10)))
    writeFileSync(join(dir, 'elsewhere'), 'kept')
    symlinkSync('elsewhere', join(dir, 'events.jsonl.repairing'))
    await repair(dir)
    expect(Object.keys(readOtherFiles(dir)).sort()).toEqual(['elsewhere', 'events.quarantine.1'])
    expect(readFileSync(join(dir, 'elsewhere'), 'utf8')).toBe('kept')
  })

  it('syncs everything before the log is replaced', async () => {
    const calls: Array<string> = []
    const names = new Map<number, string>()
    const recordCall = (call: string): void => {
      if (calls.at(-1) !== call) calls.push(call)
    }
    const disk: Disk = {
      ...realDisk,
      open: (path, openMode) => {
        const fd = realDisk.open(path, openMode)
        names.set(fd, path.replace(/.*\//, ''))
        return fd
      },
      append: (fd, bytes) => (recordCall(`append ${names.get(fd)}`), realDisk.append(fd, bytes)),
      datasync: fd => (recordCall(`datasync ${names.get(fd)}`), realDisk.datasync(fd)),
      rename: (from, to) => (recordCall('rename'), realDisk.rename(from, to)),
      syncDirectory: path => (recordCall('sync directory'), realDisk.syncDirectory(path)),
      unlock: fd => (recordCall('unlock'), realDisk.unlock(fd)),
    }
    await repair(createDirectoryFromBytes(await buildDamagedLog(offsetInLine(10))), { disk })
    expect(calls).toEqual([
      'append events.quarantine.1',
      'datasync events.quarantine.1',
      'append events.jsonl.repairing',
      'datasync events.jsonl.repairing',
      'sync directory',
      'rename',
      'sync directory',
      'unlock',
    ])
  })

  it('lets a writer that waited for the lock continue with the repaired log', async () => {
    const dir = createDirectoryFromBytes(await buildDamagedLog(offsetInLine(11)))
    const log = await openSampleLog(dir)
    let waiting: Promise<unknown> | undefined
    const tryLock = (fd: number): boolean => {
      const isLocked = realDisk.tryLock(fd)
      waiting ??= log.append(12, wordEvents(12, ['thirteen']))()
      return isLocked
    }
    expect(expectRight(await repair(dir, { disk: { ...realDisk, tryLock } }))).toMatchObject({ seq: 12 })
    expect(await waiting).toEqual(E.right(undefined))
    expect(await readWords(log)).toEqual([...decisions.flat().slice(0, 9), 'lost', 'lost', 'lost', 'thirteen'])
    await log.close()
  })

  it('that waited for another repair takes the lock of the new log, and finds nothing to do', async () => {
    const dir = createDirectoryFromBytes(await buildDamagedLog(offsetInLine(11)))
    let locks = 0
    const counting = { ...realDisk, tryLock: (fd: number) => realDisk.tryLock(fd) && (locks += 1) > 0 }
    let waiting: Promise<unknown> | undefined
    const tryLock = (fd: number): boolean => {
      const isLocked = realDisk.tryLock(fd)
      waiting ??= repair(dir, { disk: counting })
      return isLocked
    }
    expectRight(await repair(dir, { disk: { ...realDisk, tryLock } }))
    expect(await waiting).toEqual(E.right({ _tag: 'sound', seq: 12, unfinishedBytes: 0 }))
    expect(locks).toBe(2)
    expect(Object.keys(readOtherFiles(dir))).toEqual(['events.quarantine.1'])
  })

  it('waits for a writer no longer than the timeout', async () => {
    const bytes = await buildDamagedLog(offsetInLine(5))
    const dir = createDirectoryFromBytes(bytes)
    const { release } = await startLockingProcess(logPath(dir))
    expect(await repair(dir, { lockTimeoutMs: 20 })).toMatchObject({ left: { failure: 'LockTimeout' } })
    expect([logText(dir), readOtherFiles(dir)]).toEqual([bytesAsText(bytes), {}])
    await release()
    expect(expectRight(await repair(dir))).toMatchObject({ keptSeq: 4 })
  })

  it('passes to `record` what was kept, and what was moved where', async () => {
    const bytes = await buildDamagedLog(offsetInLine(11))
    const dir = createDirectoryFromBytes(bytes)
    let observed: unknown
    const record = (facts: object) => ((observed = facts), wordEvents(9, ['a', 'b', 'c']))
    expectRight(await repairFileLog({ dir, codec: sampleCodec }, record)())
    const tail = bytes.subarray(findLineStart(bytes, 10))
    const sha256 = createHash('sha256').update(tail).digest('hex')
    expect(observed).toMatchObject({
      lastKept: { seq: 9, word: 'nine' },
      quarantine: { name: 'events.quarantine.1', offset: bytes.length - tail.length, bytes: tail.length, sha256 },
    })
  })

  it.each([
    { what: 'with a gap in their numbers', events: wordEvents(10, ['x']) },
    { what: 'that end before the last used seq', events: wordEvents(9, ['x']) },
  ])('of events $what is a defect, and leaves the log unchanged', async ({ events }) => {
    const bytes = await buildDamagedLog(offsetInLine(11))
    const dir = createDirectoryFromBytes(bytes)
    await expect(repairFileLog({ dir, codec: sampleCodec }, () => events)()).rejects.toThrow(RangeError)
    expect([logText(dir), readOtherFiles(dir)]).toEqual([bytesAsText(bytes), {}])
  })
})

describe('an undamaged log', () => {
  it.each([
    { what: 'sound', tail: '' },
    { what: 'left unfinished by a writer that died', tail: '{"seq":13,"ev' },
  ])('but $what has nothing to repair', async ({ tail }) => {
    const dir = createDirectoryFromBytes(Buffer.concat([await buildLog(decisions), Buffer.from(tail)]))
    const before = logText(dir)
    const sound = { _tag: 'sound', seq: 12, unfinishedBytes: tail.length }
    expect(expectRight(await planRepair({ dir, codec: sampleCodec }, () => undefined)())).toEqual(sound)
    expect(expectRight(await repair(dir))).toEqual(sound)
    expect([logText(dir), readOtherFiles(dir)]).toEqual([before, {}])
  })

  it('that was written by a newer version is not repaired', async () => {
    const sound = await buildLog(decisions)
    const { line } = formatLine(lastHash(sound), '{"seq":13,"event":"sung","word":"x"}')
    const dir = createDirectoryFromBytes(Buffer.concat([sound, Buffer.from(line), Buffer.from('no line\n')]))
    const before = logText(dir)
    const unknown = { left: { failure: 'UnknownFormat', line: 13, offset: sound.length } }
    expect(await planRepair({ dir, codec: sampleCodec }, () => undefined)()).toMatchObject(unknown)
    expect(await repair(dir)).toMatchObject(unknown)
    expect([logText(dir), readOtherFiles(dir)]).toEqual([before, {}])
  })

  it('that is missing is reported as no log', async () => {
    const nowhere = join(createDirectoryFromBytes(Buffer.alloc(0)), 'nowhere')
    expect(await repair(nowhere)).toEqual(E.left({ failure: 'NoLog', path: join(nowhere, 'events.jsonl') }))
  })
})
