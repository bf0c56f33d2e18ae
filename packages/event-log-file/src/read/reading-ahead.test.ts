import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import * as E from 'fp-ts/lib/Either.js'
import { identity } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import type { Follower } from '@claimlog/event-log'
import type { Sample } from '@claimlog/event-log/conformance'
import { realDisk } from '../disk/disk.ts'
import { lockHeldByAnother } from '../../testing/log-process.ts'
import { recordingDisk } from '../../testing/recording-disk.ts'
import { directoryWith, logOf, logPath, openSampleLog, right, said } from '../../testing/sample-log.ts'

/** A log with the word `first`, and a writer that has read it; its reads from the disk are recorded. */
const writerThatHasRead = async (first: ReadonlyArray<string>) => {
  const dir = directoryWith(await logOf(first.map(word => [word])))
  const disk = recordingDisk({
    read: (...how) => {
      // The hash of the last known line is read in every commit, and is shorter than any line.
      if (how[3] > 35) disk.calls.push('read')
      return realDisk.read(...how)
    },
  })
  const log = await openSampleLog(dir, { disk, lockTimeoutMs: 60_000 })
  const words: Array<string> = []
  const follower: Follower<Sample> = {
    get seq() {
      return words.length
    },
    take: events => void words.push(...events.map(event => event.word)),
  }
  const say = (word: string) =>
    log.transact(follower, () => E.right({ events: said(words.length, [word]) }), identity)()
  return { dir, disk, log, words, say }
}

describe('a writer that waits for the lock', () => {
  it('reads meanwhile what the holder writes: once it has the lock, nothing is left to read', async () => {
    const { dir, disk, log, words, say } = await writerThatHasRead(['one'])
    right(await say('two'))
    const { letGo } = await lockHeldByAnother(logPath(dir))
    const waiting = say('five')
    const { length: known } = await logOf([['one'], ['two']])
    appendFileSync(logPath(dir), (await logOf([['one'], ['two'], ['three'], ['four']])).subarray(known))
    while (words.length < 4) await sleep(1)
    disk.calls.length = 0
    await letGo()
    right(await waiting)
    expect(words).toEqual(['one', 'two', 'three', 'four', 'five'])
    expect(disk.calls).toEqual(['lock', 'append', 'unlock', 'datasync'].map(call => `${call} events.jsonl`))
    await log.close()
  })

  it('reads an unfinished line only once it is whole', async () => {
    const { dir, log, words, say } = await writerThatHasRead(['one'])
    right(await say('two'))
    const { letGo } = await lockHeldByAnother(logPath(dir))
    const waiting = say('four')
    const { length: known } = await logOf([['one'], ['two']])
    const line = (await logOf([['one'], ['two'], ['three']])).subarray(known)
    appendFileSync(logPath(dir), line.subarray(0, 9))
    await sleep(20)
    expect(words).toEqual(['one', 'two'])
    appendFileSync(logPath(dir), line.subarray(9))
    await letGo()
    right(await waiting)
    expect(words).toEqual(['one', 'two', 'three', 'four'])
    await log.close()
  })
})
