import { appendFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { realDisk } from '../disk/disk.ts'
import { recordingDisk } from '../../testing/recording-disk.ts'
import {
  createDirectoryFromBytes,
  withLog,
  buildLog,
  logPath,
  openSampleLog,
  readWords,
  wordEvents,
  appendWord,
} from '../../testing/sample-log.ts'

/** Replaces the log by another file, as a restored backup does. */
const replaceLogFile = (dir: string, bytes: Uint8Array): void => {
  const restored = join(dir, 'restored')
  writeFileSync(restored, bytes)
  renameSync(restored, logPath(dir))
}

const [lock, append, unlock, datasync] = ['lock', 'append', 'unlock', 'datasync'].map(call => `${call} events.jsonl`)

describe('commands that are submitted together', () => {
  it('are all synced before they return, even if the first of them writes nothing', async () => {
    const disk = recordingDisk()
    const log = await openSampleLog(createDirectoryFromBytes(await buildLog([['one']])), { disk })
    // The first commits immediately, alone; the others arrive meanwhile and share the next commit.
    const results = [['two'], [], ['three']].map((words, i) =>
      log.append(i === 0 ? 1 : 2, wordEvents(i === 0 ? 1 : 2, words))(),
    )
    expect(await Promise.all(results)).toEqual(Array(3).fill(E.right(undefined)))
    expect(disk.calls).toEqual([lock, append, unlock, datasync, lock, append, unlock, datasync])
    await log.close()
  })

  it('one after the other all finish', async () => {
    const seqs = Array.from({ length: 40 }, (_, i) => i + 1)
    await withLog(createDirectoryFromBytes(new Uint8Array()), async log => {
      for (const seq of seqs) expect(await appendWord(log, `${seq}`)).toBe(seq)
    })
  })
})

describe('a writer whose log was replaced by another file', () => {
  it('takes the lock of the new file before it writes to it', async () => {
    const dir = createDirectoryFromBytes(await buildLog([['one']]))
    const disk = recordingDisk()
    const log = await openSampleLog(dir, { disk })
    expect(await appendWord(log, 'two')).toBe(2)
    replaceLogFile(dir, await buildLog([['one'], ['two']]))
    disk.calls.length = 0
    expect(await log.append(2, wordEvents(2, ['three']))()).toEqual(E.right(undefined))
    expect(disk.calls.filter(call => call !== unlock)).toEqual([`${lock} (deleted)`, lock, append, datasync])
    await log.close()
  })

  it('reports after which line the history differs, and where that line begins', async () => {
    const dir = createDirectoryFromBytes(await buildLog([['one']]))
    const log = await openSampleLog(dir)
    expect(await appendWord(log, 'two')).toBe(2)
    replaceLogFile(dir, await buildLog([['one'], ['TWO']]))
    const { length: offset } = await buildLog([['one']])
    expect(await appendWord(log, 'three')).toMatchObject({
      failure: 'HistoryChanged',
      path: logPath(dir),
      line: 2,
      offset,
    })
    await log.close()
  })

  it.each(['disk', 'os'] as const)(
    'each time it takes the lock gives up and reports that (durability %s)',
    async durability => {
      const dir = createDirectoryFromBytes(await buildLog([['one']]))
      const bytes = await buildLog([['one']])
      const tryLock = (fd: number): boolean => {
        replaceLogFile(dir, bytes)
        return realDisk.tryLock(fd)
      }
      const log = await openSampleLog(dir, { disk: recordingDisk({ tryLock }), durability })
      expect(await appendWord(log, 'two')).toEqual({
        failure: 'IoFailed',
        path: logPath(dir),
        operation: 'lock',
        code: 'EAGAIN',
        detail: 'it was replaced 16 times while its lock was taken',
      })
      expect(await readWords(log)).toEqual(['one'])
      await log.close()
    },
  )
})

describe('the unfinished line of a writer that died', () => {
  it('is durable in events.torn, a new name included, before it is cut off the log, and no file stays open', async () => {
    const dir = createDirectoryFromBytes(await buildLog([['one']]))
    const files = new Set<number>()
    const disk = recordingDisk({
      syncDirectory: path => {
        disk.calls.push('sync the directory')
        realDisk.syncDirectory(path)
      },
      open: (path, openMode) => {
        const fd = realDisk.open(path, openMode)
        files.add(fd)
        return fd
      },
      close: fd => {
        files.delete(fd)
        realDisk.close(fd)
      },
    })
    const log = await openSampleLog(dir, { disk })
    for (const [word, name] of [
      ['two', ['sync the directory']],
      ['three', []],
    ] as const) {
      appendFileSync(logPath(dir), '{"seq":2,"ev')
      disk.calls.length = 0
      await appendWord(log, word)
      const moveCalls = ['append events.torn', 'append events.torn', 'datasync events.torn', ...name]
      expect(disk.calls).toEqual([lock, ...moveCalls, 'truncate events.jsonl', append, unlock, datasync])
    }
    expect(files.size).toBe(1)
    await log.close()
    expect(files.size).toBe(0)
  })
})
