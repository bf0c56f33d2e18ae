import { copyFileSync, linkSync, renameSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { identity } from 'fp-ts/lib/function.js'
import { describe, expect, it, test } from 'vitest'
import type { EventLog } from '@claimlog/event-log'
import type { SampleEvent } from '@claimlog/event-log/conformance'
import type { Durability } from './commit/sync.ts'
import { startLockingProcess } from '../testing/log-process.ts'
import {
  readOffsets,
  bytesAsText,
  createDirectoryFromBytes,
  withLog,
  logBytes,
  buildLog,
  logPath,
  logText,
  openSampleLog,
  readWords,
  wordEvents,
  appendWord,
} from '../testing/sample-log.ts'

const before = [['one'], ['two']]

/** Replaces the log by another file, as a restored backup or an editor does. */
const replaceLogFile = (dir: string, bytes: Uint8Array): void => {
  const restored = join(dir, 'restored')
  writeFileSync(restored, bytes)
  renameSync(restored, logPath(dir))
}

/** The results of three kinds of writes, one after the other. */
const tryWrites = async (log: EventLog<SampleEvent>): Promise<ReadonlyArray<unknown>> => [
  await log.append(2, wordEvents(2, ['three']))(),
  await log.transact({ seq: 2, apply: () => undefined }, () => E.right({ events: [] }), identity)(),
  await log.append(2, wordEvents(2, ['three']))(),
]

const repeatThrice = (failure: object): ReadonlyArray<unknown> =>
  Array<unknown>(3).fill({ _tag: 'Left', left: failure })

/** A log of two events that has been written since it was opened. */
const openLog = async (
  durability: Durability,
): Promise<{ readonly dir: string; readonly log: EventLog<SampleEvent> }> => {
  const dir = createDirectoryFromBytes(await buildLog([['one']]))
  const log = await openSampleLog(dir, { durability })
  await appendWord(log, 'two')
  return { dir, log }
}

/** Writes `bytes` over the log's own file and resets its times, as a restore that keeps times does. */
const overwriteLogFile = (dir: string, bytes: Uint8Array): void => {
  const { atime, mtime } = statSync(logPath(dir))
  writeFileSync(logPath(dir), bytes)
  utimesSync(logPath(dir), atime, mtime)
}

const historyChanged = { failure: 'HistoryChanged' }

describe.each(['disk', 'os'] as const)('with durability %s', durability => {
  describe('a log that is restored as a new file while it is open', () => {
    it('with the same history continues, in the file that has the name', async () => {
      const { dir, log } = await openLog(durability)
      const old = join(dir, 'old')
      copyFileSync(logPath(dir), old)
      replaceLogFile(dir, await buildLog(before))
      expect(await log.append(2, wordEvents(2, ['three']))()).toEqual(E.right(undefined))
      expect(await readWords(log)).toEqual(['one', 'two', 'three'])
      expect(logText(dir)).toBe(bytesAsText(await buildLog([...before, ['three']])))
      await log.close()
    })

    it('with the same history and more events continues from there', async () => {
      const { dir, log } = await openLog(durability)
      replaceLogFile(dir, await buildLog([...before, ['three'], ['four']]))
      expect(await readWords(log)).toEqual(['one', 'two', 'three', 'four'])
      expect(await appendWord(log, 'five')).toBe(5)
      expect(logText(dir)).toBe(bytesAsText(await buildLog([...before, ['three'], ['four'], ['five']])))
      await log.close()
    })

    it('while a writer waits for its lock makes that writer write to the new file', async () => {
      const { dir, log } = await openLog(durability)
      const { release } = await startLockingProcess(logPath(dir))
      const waiting = log.append(2, wordEvents(2, ['three']))()
      replaceLogFile(dir, await buildLog(before))
      await release()
      expect(await waiting).toEqual(E.right(undefined))
      expect(logText(dir)).toBe(bytesAsText(await buildLog([...before, ['three']])))
      await log.close()
    })

    it.each([
      { what: 'as long', other: [['one'], ['TWO']] },
      { what: 'longer', other: [['one'], ['TWO'], ['three']] },
      { what: 'shorter', other: [['one']] },
      { what: 'different from the start', other: [['ONE'], ['two']] },
    ])('with another history, $what, stops every write and is not changed', async ({ other }) => {
      const { dir, log } = await openLog(durability)
      const bytes = await buildLog(other)
      replaceLogFile(dir, bytes)
      expect(await tryWrites(log)).toMatchObject(repeatThrice({ failure: 'HistoryChanged', path: logPath(dir) }))
      expect(logText(dir)).toBe(bytesAsText(bytes))
      await log.close()
    })

    it('with another history stops readers that continue', async () => {
      const { dir, log } = await openLog(durability)
      replaceLogFile(dir, await buildLog([['one'], ['TWO'], ['three']]))
      const end = await log.read(2, () => undefined)()
      expect(end).toMatchObject({ left: { failure: 'HistoryChanged' } })
      await log.close()
    })

    it('with another history stops readers that follow it', async () => {
      const { dir, log } = await openLog(durability)
      const batchesSeen: Array<unknown> = []
      for await (const batch of log.follow(0, new AbortController().signal)) {
        batchesSeen.push(E.isRight(batch) ? batch.right.map(event => event.word) : batch.left.failure)
        if (batchesSeen.length === 1) replaceLogFile(dir, await buildLog([['one'], ['TWO'], ['three']]))
      }
      expect(batchesSeen).toEqual([['one', 'two'], 'HistoryChanged'])
      await log.close()
    })
  })

  describe('a log that was overwritten while it is open', () => {
    it('and is shorter now stops every write and is not changed', async () => {
      const { dir, log } = await openLog(durability)
      truncateSync(logPath(dir), (await buildLog([['one']])).length)
      expect(await tryWrites(log)).toMatchObject(repeatThrice({ failure: 'HistoryChanged', path: logPath(dir) }))
      expect(logText(dir)).toBe(bytesAsText(await buildLog([['one']])))
      await log.close()
    })
  })

  describe('a log that is restored in place while it is open', () => {
    it.each([
      { what: 'with the same length', other: [['one'], ['TWO']] },
      { what: 'to one line less', other: [['one']] },
      { what: 'from another workspace', other: [['ONE'], ['two']] },
    ])('$what, stops readers that follow it, and has nothing more to read', async ({ other }) => {
      const { dir, log } = await openLog(durability)
      const bytes = await buildLog(other)
      const batchesSeen: Array<unknown> = []
      for await (const batch of log.follow(0, new AbortController().signal)) {
        batchesSeen.push(E.isRight(batch) ? batch.right.map(event => event.word) : batch.left.failure)
        // Once it waits for more; not truncated first, so that nothing else reveals the change.
        if (batchesSeen.length === 1)
          setTimeout(() => {
            writeFileSync(logPath(dir), bytes, { flag: 'r+' })
            truncateSync(logPath(dir), bytes.length)
          }, 50)
      }
      expect(batchesSeen).toEqual([['one', 'two'], 'HistoryChanged'])
      await log.close()
    })

    it.each([
      { what: 'with a line of another process of the same length since', other: [['one'], ['TWO']] },
      { what: 'and longer by now', other: [['one'], ['TWO'], ['three'], ['four']] },
      { what: 'to one line less', other: [['one']] },
      { what: 'to nothing', other: [] },
      { what: 'from another workspace', other: [['ONE'], ['two']] },
    ])('$what, stops every call and is not changed', async ({ other }) => {
      const { dir, log } = await openLog(durability)
      const [, last = 0] = await readOffsets(log)
      const cursor = log.cursor()
      const bytes = await buildLog(other)
      overwriteLogFile(dir, bytes)
      expect(await tryWrites(log)).toMatchObject(repeatThrice(historyChanged))
      expect(await appendWord(log, 'three')).toMatchObject(historyChanged)
      expect(await readWords(log)).toMatchObject(historyChanged)
      expect(await log.read(2, () => undefined)()).toMatchObject({ left: historyChanged })
      expect(await log.readByOffset([last])()).toMatchObject({ left: historyChanged })
      expect(await log.resume(cursor)()).toMatchObject({ left: historyChanged })
      for await (const batch of log.follow(2, new AbortController().signal))
        expect(batch).toMatchObject({ left: historyChanged })
      expect(logText(dir)).toBe(bytesAsText(bytes))
      await log.close()
    })

    it('continues once its history is back', async () => {
      const { dir, log } = await openLog(durability)
      const bytes = logBytes(dir)
      overwriteLogFile(dir, await buildLog([['one']]))
      expect(await appendWord(log, 'three')).toMatchObject(historyChanged)
      overwriteLogFile(dir, bytes)
      expect(await appendWord(log, 'three')).toBe(3)
      expect(logText(dir)).toBe(bytesAsText(await buildLog([...before, ['three']])))
      await log.close()
    })

    it('and extended by others is not continued by a reader from the start', async () => {
      const { dir, log } = await openLog(durability)
      overwriteLogFile(dir, await buildLog([['one'], ['TWO'], ['three']]))
      const words: Array<string> = []
      expect(await log.read(0, events => words.push(...events.map(({ word }) => word)))()).toMatchObject({
        left: historyChanged,
      })
      expect(words).toEqual([])
      expect(log.cursor().seq).toBe(2)
      await log.close()
    })

    it('is restored through a hard link too', async () => {
      const { dir, log } = await openLog(durability)
      const link = join(dir, 'link')
      linkSync(logPath(dir), link)
      writeFileSync(link, await buildLog([['one'], ['TWO']]))
      expect(await tryWrites(log)).toMatchObject(repeatThrice(historyChanged))
      await log.close()
    })
  })

  describe('a log that is moved away while it is open', () => {
    it('is no log for readers and writers, and the moved file is not changed', async () => {
      const { dir, log } = await openLog(durability)
      const moved = join(dir, 'moved')
      renameSync(logPath(dir), moved)
      const noLog = { failure: 'NoLog', path: logPath(dir), wasOpen: true }
      expect(await tryWrites(log)).toEqual(repeatThrice(noLog))
      expect(await readWords(log)).toEqual(noLog)
      renameSync(moved, logPath(dir))
      expect(await appendWord(log, 'three')).toBe(3)
      expect(logText(dir)).toBe(bytesAsText(await buildLog([...before, ['three']])))
      await log.close()
    })

    it('cannot be opened', async () => {
      const { dir, log } = await openLog(durability)
      await log.close()
      renameSync(logPath(dir), join(dir, 'moved'))
      await expect(openSampleLog(dir)).rejects.toThrow('NoLog')
    })
  })
})

test('a log that is restored in place between two writes of a burst stops the next one', async () => {
  const { dir, log } = await openLog('disk')
  const backup = logBytes(dir)
  const elsewhere = createDirectoryFromBytes(backup)
  await withLog(elsewhere, other => appendWord(other, 'THREE'))
  const results = await Promise.all([
    appendWord(log, 'three'),
    Promise.resolve().then(() => appendWord(log, 'four')),
    new Promise(resolve => setImmediate(resolve)).then(() => {
      overwriteLogFile(dir, logBytes(elsewhere))
      return appendWord(log, 'five')
    }),
  ])
  expect(results.at(-1)).toMatchObject(historyChanged)
  expect(logText(dir)).toBe(bytesAsText(logBytes(elsewhere)))
  await log.close()
})
