import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import * as E from 'fp-ts/lib/Either.js'
import { identity } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import type { Fold } from '@claimlog/event-log'
import type { SampleEvent } from '@claimlog/event-log/conformance'
import { realDisk } from '../disk/disk.ts'
import { startLockingProcess } from '../../testing/log-process.ts'
import { recordingDisk } from '../../testing/recording-disk.ts'
import {
  createDirectoryFromBytes,
  buildLog,
  logPath,
  openSampleLog,
  expectRight,
  wordEvents,
} from '../../testing/sample-log.ts'

/** A log with the initial words, and a writer that has read it; its reads from the disk are recorded. */
const createCaughtUpWriter = async (initialWords: ReadonlyArray<string>) => {
  const dir = createDirectoryFromBytes(await buildLog(initialWords.map(word => [word])))
  const disk = recordingDisk({
    read: (...args) => {
      // The hash of the last known line is read in every commit, and is shorter than any line.
      if (args[3] > 35) disk.calls.push('read')
      return realDisk.read(...args)
    },
  })
  const log = await openSampleLog(dir, { disk, lockTimeoutMs: 60_000 })
  const words: Array<string> = []
  const fold: Fold<SampleEvent> = {
    get seq() {
      return words.length
    },
    apply: events => void words.push(...events.map(event => event.word)),
  }
  const appendWord = (word: string) =>
    log.transact(fold, () => E.right({ events: wordEvents(words.length, [word]) }), identity)()
  return { dir, disk, log, words, appendWord }
}

describe('a writer that waits for the lock', () => {
  it('reads meanwhile what the holder writes: once it has the lock, nothing is left to read', async () => {
    const { dir, disk, log, words, appendWord } = await createCaughtUpWriter(['one'])
    expectRight(await appendWord('two'))
    const { release } = await startLockingProcess(logPath(dir))
    const waiting = appendWord('five')
    const { length: knownBytes } = await buildLog([['one'], ['two']])
    appendFileSync(logPath(dir), (await buildLog([['one'], ['two'], ['three'], ['four']])).subarray(knownBytes))
    while (words.length < 4) await sleep(1)
    disk.calls.length = 0
    await release()
    expectRight(await waiting)
    expect(words).toEqual(['one', 'two', 'three', 'four', 'five'])
    expect(disk.calls).toEqual(['lock', 'append', 'unlock', 'datasync'].map(call => `${call} events.jsonl`))
    await log.close()
  })

  it('reads an unfinished line only once it is whole', async () => {
    const { dir, log, words, appendWord } = await createCaughtUpWriter(['one'])
    expectRight(await appendWord('two'))
    const { release } = await startLockingProcess(logPath(dir))
    const waiting = appendWord('four')
    const { length: knownBytes } = await buildLog([['one'], ['two']])
    const line = (await buildLog([['one'], ['two'], ['three']])).subarray(knownBytes)
    appendFileSync(logPath(dir), line.subarray(0, 9))
    await sleep(20)
    expect(words).toEqual(['one', 'two'])
    appendFileSync(logPath(dir), line.subarray(9))
    await release()
    expectRight(await waiting)
    expect(words).toEqual(['one', 'two', 'three', 'four'])
    await log.close()
  })
})
