import { readdirSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { faultyDisk } from '../../testing/faulty-disk.ts'
import { systemError } from '../../testing/recording-disk.ts'
import {
  appendWord,
  buildLog,
  bytesAsText,
  createDirectoryFromBytes,
  createLogDirectory,
  expectRight,
  logPath,
  logText,
  sampleCodec,
  withLog,
} from '../../testing/sample-log.ts'
import type { Disk } from '../disk/disk.ts'
import { readHash } from '@claimlog/event-log-line'
import { fileMoveTarget } from './file-move-target.ts'

/** The decisions of the log that is moved; the directory has the first two of them from an earlier time. */
const words = [['one'], ['two', 'three'], ['four'], ['five']]

const splitLines = (bytes: Uint8Array): ReadonlyArray<string> => Buffer.from(bytes).toString().trimEnd().split('\n')

/** A directory whose log was left, and its moved continuation. */
const createLeftLog = async () => {
  const old = await buildLog(words.slice(0, 2))
  const moved = await buildLog(words)
  return {
    old: bytesAsText(old),
    moved: bytesAsText(moved),
    lines: splitLines(moved),
    dir: createDirectoryFromBytes(old),
  }
}

const openTarget = (dir: string, { disk, isUsed = () => false }: { disk?: Disk; isUsed?: () => boolean } = {}) =>
  fileMoveTarget({ dir, codec: sampleCodec, isUsed, ...(disk === undefined ? {} : { disk }) })

/** All steps of a move in order, for a process that has `lines` to copy. Closes the target. */
const runMove = async (dir: string, lines: ReadonlyArray<string>, disk?: Disk) => {
  const target = openTarget(dir, disk === undefined ? {} : { disk })
  try {
    const started = await target.start()
    if (started._tag === 'Left') return started
    const first = await target.addLines({ seq: 0, hash: '' }, lines.slice(0, 3))()
    if (first._tag === 'Left') return first
    const end = await target.addLines(first.right, lines.slice(3))()
    return end._tag === 'Left' ? end : await target.accept(end.right)()
  } finally {
    await target.close()
  }
}

const lastLine = (lines: ReadonlyArray<string>) => ({ seq: lines.length, hash: readHash(lines.at(-1) ?? '') ?? '' })

describe('a log that is moved to a directory', () => {
  it('is the log there at once when it is complete, and the same process can append to it', async () => {
    const { dir, old, moved, lines } = await createLeftLog()
    const target = openTarget(dir)
    expect(expectRight(await target.read())).toEqual({
      phase: 'free',
      logId: undefined,
      end: lastLine(lines.slice(0, 3)),
    })
    expect(expectRight(await target.start())).toEqual({ phase: 'started', logId: undefined, end: { seq: 0, hash: '' } })
    const end = expectRight(await target.addLines({ seq: 0, hash: '' }, lines)())
    expect(end).toEqual(lastLine(lines))
    expect(expectRight(await target.read())).toEqual({ phase: 'started', logId: undefined, end })
    expect(logText(dir)).toBe(old)
    expectRight(await target.accept(end)())
    expect(logText(dir)).toBe(moved)
    expect(await withLog(dir, log => appendWord(log, 'six'))).toBe(6)
    await target.close()
    expect(readdirSync(dir)).toEqual(['events.jsonl'])
  })

  it('knows the lines that it has', async () => {
    const { dir, lines } = await createLeftLog()
    const target = openTarget(dir)
    expect(expectRight(await target.contains(lastLine(lines.slice(0, 3)))())).toBe(true)
    expect(expectRight(await target.contains(lastLine(lines.slice(0, 1)))())).toBe(true)
    expect(expectRight(await target.contains({ seq: 3, hash: 'f'.repeat(32) })())).toBe(false)
    expect(expectRight(await target.contains(lastLine(lines))())).toBe(false)
  })

  it('does not replace a workspace that was created meanwhile', async () => {
    const dir = createLogDirectory()
    const moved = await buildLog(words)
    let isUsed = false
    const target = openTarget(dir, { isUsed: () => isUsed })
    expectRight(await target.start())
    const end = expectRight(await target.addLines({ seq: 0, hash: '' }, splitLines(moved))())
    const other = await buildLog([['other']])
    writeFileSync(logPath(dir), other)
    isUsed = true
    expect(await target.accept(end)()).toMatchObject({ left: { failure: 'IoFailed', operation: 'move to' } })
    expect(logText(dir)).toBe(bytesAsText(other))
    await target.close()
  })

  it('is not accepted before its last line has arrived, nor by a process that did not start it', async () => {
    const { dir, old, lines } = await createLeftLog()
    const target = openTarget(dir)
    expectRight(await target.start())
    expectRight(await target.addLines({ seq: 0, hash: '' }, lines.slice(0, 3))())
    expect(await target.accept(lastLine(lines))()).toMatchObject({ left: { failure: 'IoFailed' } })
    await target.close()
    expect(await openTarget(dir).accept(lastLine(lines))()).toMatchObject({ left: { failure: 'IoFailed' } })
    expect(logText(dir)).toBe(old)
  })

  it('is not copied by two processes at once', async () => {
    const { dir, moved, lines } = await createLeftLog()
    const first = openTarget(dir)
    expectRight(await first.start())
    expect(await openTarget(dir).start()).toMatchObject({ left: { failure: 'LockTimeout' } })
    await first.close()
    expectRight(await runMove(dir, lines))
    expect(logText(dir)).toBe(moved)
  })
})

/** More calls than any move makes. */
const callsMax = 100

describe('a process that dies at any system call of a move to a directory', () => {
  it('leaves the old log or the moved one, and a move that is run again completes', async () => {
    const outcomes = new Set<string>()
    for (let fatalCall = 1; ; fatalCall += 1) {
      const { dir, old, moved, lines } = await createLeftLog()
      let calls = 0
      const { disk, endOfProcess } = faultyDisk(() => {
        calls += 1
        if (calls >= fatalCall) throw new Error('the process is dead')
      })
      const result = await runMove(dir, lines, disk).catch((thrown: unknown) => thrown)
      endOfProcess()
      if (calls < fatalCall) {
        expectRight(result as Awaited<ReturnType<typeof runMove>>)
        break
      }
      expect([old, moved]).toContain(logText(dir))
      outcomes.add(logText(dir) === old ? 'old' : 'moved')
      if (logText(dir) === old) expectRight(await runMove(dir, lines))
      expect(logText(dir)).toBe(moved)
      expect(await withLog(dir, log => appendWord(log, 'six'))).toBe(6)
      expect(readdirSync(dir)).toEqual(['events.jsonl'])
      expect(fatalCall).toBeLessThan(callsMax)
    }
    expect([...outcomes].sort()).toEqual(['moved', 'old'])
  }, 60_000)
})

describe('a disk that fails once, at any call of a move to a directory', () => {
  it('makes the move fail or not, with the old log or the moved one, and no file left open', async () => {
    for (let failingCall = 1; ; failingCall += 1) {
      const { dir, old, moved, lines } = await createLeftLog()
      let calls = 0
      let failed: keyof Disk | undefined
      const { disk, endOfProcess } = faultyDisk(call => {
        calls += 1
        if (calls !== failingCall) return
        failed = call
        throw systemError('EIO')
      })
      const result = await runMove(dir, lines, disk)
      const leftOpen = endOfProcess()
      if (failed === undefined) break
      expect({ failed, leftOpen: failed === 'close' ? 0 : leftOpen }).toEqual({ failed, leftOpen: 0 })
      expect([old, moved]).toContain(logText(dir))
      if (result._tag === 'Right') expect(logText(dir)).toBe(moved)
      if (logText(dir) === old) expectRight(await runMove(dir, lines))
      expect(logText(dir)).toBe(moved)
      expect(await withLog(dir, log => appendWord(log, 'six'))).toBe(6)
      expect(failingCall).toBeLessThan(callsMax)
    }
  }, 60_000)
})
