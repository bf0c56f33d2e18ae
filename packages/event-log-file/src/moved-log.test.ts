import { copyFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { EventLog } from '@claimlog/event-log'
import type { Sample } from '@claimlog/event-log/conformance'
import { lockHeldByAnother } from './testing/log-process.ts'
import {
  bytesAsText,
  directoryWith,
  logOf,
  logPath,
  logText,
  openSampleLog,
  read,
  said,
  say,
} from './testing/sample-log.ts'

const before = [['one'], ['two']]

/** Puts another file in the log's place, as a restored backup or an editor does. */
const replaceWith = (dir: string, bytes: Uint8Array): void => {
  const restored = join(dir, 'restored')
  writeFileSync(restored, bytes)
  renameSync(restored, logPath(dir))
}

/** A log of two events that has been written to since it was opened. */
const openLog = async (): Promise<{ readonly dir: string; readonly log: EventLog<Sample> }> => {
  const dir = directoryWith(await logOf([['one']]))
  const log = await openSampleLog(dir)
  await say(log, 'two')
  return { dir, log }
}

/** What three ways to write come to, one after the other. */
const writes = async (log: EventLog<Sample>): Promise<ReadonlyArray<unknown>> => [
  await log.append(2, said(2, ['three']))(),
  await log.transact({ seq: 2, take: () => undefined }, () => E.right({ events: [] }))(),
  await log.append(2, said(2, ['three']))(),
]

const thrice = (failure: object): ReadonlyArray<unknown> => Array<unknown>(3).fill({ _tag: 'Left', left: failure })

describe('a log that is put back while it is open', () => {
  it('with the same history goes on, in the file that the name stands for', async () => {
    const { dir, log } = await openLog()
    const old = join(dir, 'old')
    copyFileSync(logPath(dir), old)
    replaceWith(dir, await logOf(before))
    expect(await log.append(2, said(2, ['three']))()).toEqual(E.right(undefined))
    expect(await read(log)).toEqual(['one', 'two', 'three'])
    expect(logText(dir)).toBe(bytesAsText(await logOf([...before, ['three']])))
    await log.close()
  })

  it('with the same history and more goes on from there', async () => {
    const { dir, log } = await openLog()
    replaceWith(dir, await logOf([...before, ['three'], ['four']]))
    expect(await read(log)).toEqual(['one', 'two', 'three', 'four'])
    expect(await say(log, 'five')).toBe(5)
    expect(logText(dir)).toBe(bytesAsText(await logOf([...before, ['three'], ['four'], ['five']])))
    await log.close()
  })

  it('while a writer waits for its lock has that writer write to the new file', async () => {
    const { dir, log } = await openLog()
    const { letGo } = await lockHeldByAnother(logPath(dir))
    const waiting = log.append(2, said(2, ['three']))()
    replaceWith(dir, await logOf(before))
    await letGo()
    expect(await waiting).toEqual(E.right(undefined))
    expect(logText(dir)).toBe(bytesAsText(await logOf([...before, ['three']])))
    await log.close()
  })

  it.each([
    { what: 'as long', other: [['one'], ['TWO']] },
    { what: 'longer', other: [['one'], ['TWO'], ['three']] },
    { what: 'shorter', other: [['one']] },
    { what: 'of another start', other: [['ONE'], ['two']] },
  ])('with another history, $what, stops every write, and stays as it is', async ({ other }) => {
    const { dir, log } = await openLog()
    const bytes = await logOf(other)
    replaceWith(dir, bytes)
    expect(await writes(log)).toMatchObject(thrice({ failure: 'HistoryChanged', path: logPath(dir) }))
    expect(logText(dir)).toBe(bytesAsText(bytes))
    await log.close()
  })

  it('with another history stops who goes on reading', async () => {
    const { dir, log } = await openLog()
    replaceWith(dir, await logOf([['one'], ['TWO'], ['three']]))
    const end = await log.readAfter(2, () => undefined)()
    expect(end).toMatchObject({ left: { failure: 'HistoryChanged' } })
    await log.close()
  })

  it('with another history stops who follows it', async () => {
    const { dir, log } = await openLog()
    const seen: Array<unknown> = []
    for await (const batch of log.follow(0, new AbortController().signal)) {
      seen.push(E.isRight(batch) ? batch.right.map(event => event.word) : batch.left.failure)
      if (seen.length === 1) replaceWith(dir, await logOf([['one'], ['TWO'], ['three']]))
    }
    expect(seen).toEqual([['one', 'two'], 'HistoryChanged'])
    await log.close()
  })
})

describe('a log that was written over while it is open', () => {
  it('and is shorter now stops every write, and stays as it is', async () => {
    const { dir, log } = await openLog()
    truncateSync(logPath(dir), (await logOf([['one']])).length)
    expect(await writes(log)).toMatchObject(thrice({ failure: 'HistoryChanged', path: logPath(dir) }))
    expect(logText(dir)).toBe(bytesAsText(await logOf([['one']])))
    await log.close()
  })
})

describe('a log that is moved away while it is open', () => {
  it('is no log, to readers and writers, and what was moved stays as it is', async () => {
    const { dir, log } = await openLog()
    const moved = join(dir, 'moved')
    renameSync(logPath(dir), moved)
    const noLog = { failure: 'NoLog', path: logPath(dir) }
    expect(await writes(log)).toEqual(thrice(noLog))
    expect(await read(log)).toEqual(noLog)
    renameSync(moved, logPath(dir))
    expect(await say(log, 'three')).toBe(3)
    expect(logText(dir)).toBe(bytesAsText(await logOf([...before, ['three']])))
    await log.close()
  })

  it('cannot be opened', async () => {
    const { dir, log } = await openLog()
    await log.close()
    renameSync(logPath(dir), join(dir, 'moved'))
    await expect(openSampleLog(dir)).rejects.toThrow('NoLog')
  })
})
