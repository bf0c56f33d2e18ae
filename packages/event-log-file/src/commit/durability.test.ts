import * as E from 'fp-ts/lib/Either.js'
import { identity } from 'fp-ts/lib/function.js'
import { appendFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Fold } from '@claimlog/event-log'
import type { SampleEvent } from '@claimlog/event-log/conformance'
import { realDisk } from '../disk/disk.ts'
import { recordingDisk, systemError } from '../../testing/recording-disk.ts'
import {
  appendDecisions,
  createDirectoryFromBytes,
  withLog,
  buildLog,
  logPath,
  createLogDirectory,
  openSampleLog,
  readWords,
  expectRight,
  wordEvents,
  appendWord,
} from '../../testing/sample-log.ts'

const emptyFold: Fold<SampleEvent> = { seq: 0, apply: () => undefined }
/** A decision without events. */
const decideNothing = () => E.right({ events: [] })

const writeCalls = ['lock events.jsonl', 'append events.jsonl', 'unlock events.jsonl', 'datasync events.jsonl']

describe('a result of a durable log', () => {
  it('comes after the sync, which comes after the unlock, which comes after the write', async () => {
    const disk = recordingDisk()
    const log = await openSampleLog(createLogDirectory(), { disk })
    await appendDecisions(log, 0, [['one']])
    disk.calls.push('answer')
    await appendWord(log, 'two')
    disk.calls.push('answer')
    expect(disk.calls).toEqual([...writeCalls, 'answer', ...writeCalls, 'answer'])
    await log.close()
  })

  it('that depends on events of another process waits until those are synced too', async () => {
    const dir = createLogDirectory()
    await withLog(dir, log => appendDecisions(log, 0, [['unsynced']]), { durability: 'os' })
    const disk = recordingDisk()
    const log = await openSampleLog(dir, { disk })
    await log.transact(emptyFold, decideNothing, identity)()
    disk.calls.push('answer')
    expect(disk.calls).toEqual(['lock events.jsonl', 'unlock events.jsonl', 'datasync events.jsonl', 'answer'])
    await log.close()
  })

  it('that depends on nothing new does not sync again until another process has written', async () => {
    const dir = createLogDirectory()
    const disk = recordingDisk()
    const log = await openSampleLog(dir, { disk })
    await appendDecisions(log, 0, [['one']])
    disk.calls.length = 0
    await log.transact(emptyFold, decideNothing, identity)()
    expect(disk.calls).toEqual(['lock events.jsonl', 'unlock events.jsonl'])
    await withLog(dir, other => appendDecisions(other, 1, [['two']]), { durability: 'os' })
    disk.calls.length = 0
    await log.transact(emptyFold, decideNothing, identity)()
    expect(disk.calls).toEqual(['lock events.jsonl', 'unlock events.jsonl', 'datasync events.jsonl'])
    await log.close()
  })

  it('of each of many concurrent calls comes only after a sync of its events', async () => {
    const disk = recordingDisk()
    const log = await openSampleLog(createLogDirectory(), { disk })
    const results = Array.from({ length: 20 }, async (_, i) => {
      expectRight(await log.append(i, wordEvents(i, [`writer ${i}`]))())
      const synced = disk.calls.lastIndexOf('datasync events.jsonl')
      return disk.calls.slice(0, synced).filter(call => call === 'append events.jsonl').length > i
    })
    expect(await Promise.all(results)).toEqual(Array(20).fill(true))
    await log.close()
  })

  it('of concurrent calls shares locks and syncs: one each for the first call, one each for all the others', async () => {
    const disk = recordingDisk()
    const log = await openSampleLog(createLogDirectory(), { disk })
    const expectedCommit = (count: number): ReadonlyArray<string> => [
      'lock events.jsonl',
      ...Array<string>(count).fill('append events.jsonl'),
      'unlock events.jsonl',
      'datasync events.jsonl',
    ]
    await Promise.all(Array.from({ length: 20 }, (_, i) => log.append(i, wordEvents(i, [`writer ${i}`]))()))
    expect(disk.calls).toEqual([...expectedCommit(1), ...expectedCommit(19)])
    disk.calls.length = 0
    await Promise.all(Array.from({ length: 20 }, (_, i) => log.append(20 + i, wordEvents(20 + i, [`writer ${i}`]))()))
    expect(disk.calls).toEqual(expectedCommit(20))
    await log.close()
  })

  it('belongs to its own call, also if another call of the commit is refused, fails or throws', async () => {
    const faults = { append: (fd: number, bytes: Uint8Array) => realDisk.append(fd, bytes) }
    const log = await openSampleLog(createLogDirectory(), {
      disk: recordingDisk({ append: (...args) => faults.append(...args) }),
    })
    const reader: Fold<SampleEvent> = { seq: 1, apply: () => undefined }
    const results = await Promise.allSettled([
      log.append(0, wordEvents(0, ['one']))(),
      log.append(7, wordEvents(7, ['late']))(),
      log.transact(reader, () => E.left('refused'), identity)(),
      log.transact(
        reader,
        () => {
          faults.append = () => {
            throw systemError('ENOSPC')
          }
          throw new Error('a defect')
        },
        () => undefined,
      )(),
      log.append(1, wordEvents(1, ['no room']))(),
    ])
    expect(
      results.map(each =>
        each.status === 'rejected' ? String(each.reason) : E.isLeft(each.value) ? each.value.left : 'ok',
      ),
    ).toMatchObject([
      'ok',
      { failure: 'SeqConflict', expectedSeq: 7, actualSeq: 1 },
      'refused',
      'Error: a defect',
      { failure: 'IoFailed', code: 'ENOSPC' },
    ])
    expect(await readWords(log)).toEqual(['one'])
    await log.close()
  })

  it('comes after a sync, also if another call of the commit could not read the log', async () => {
    const dir = createLogDirectory()
    await withLog(dir, log => appendDecisions(log, 0, [['one'], ['two']]))
    let broken = false
    const disk = recordingDisk({
      read: (...args) => {
        if (broken) throw systemError('EIO')
        return realDisk.read(...args)
      },
    })
    const log = await openSampleLog(dir, { disk })
    await log.transact(emptyFold, decideNothing, identity)()
    disk.calls.length = 0
    const [, three, behind] = await Promise.all([
      log.append(7, wordEvents(7, ['late']))(),
      log.append(2, wordEvents(2, ['three']))(),
      log.transact({ seq: 1, apply: () => (broken = true) }, decideNothing, identity)(),
      log.transact({ seq: 1, apply: () => undefined }, decideNothing, identity)(),
    ])
    expect([E.isRight(three), E.isRight(behind)]).toEqual([true, true])
    expect(disk.calls.slice(-3)).toEqual(['append events.jsonl', 'unlock events.jsonl', 'datasync events.jsonl'])
    await log.close()
  })

  it('comes without a sync with durability os', async () => {
    const disk = recordingDisk()
    const log = await openSampleLog(createLogDirectory(), { disk, durability: 'os' })
    await appendDecisions(log, 0, [['one'], ['two']])
    expect(disk.calls).not.toContain('datasync events.jsonl')
    await log.close()
  })
})

describe('a write', () => {
  it('happens under the lock, also if many calls are concurrent', async () => {
    let locked = false
    const appendedUnlocked: Array<number> = []
    const real = recordingDisk()
    const disk = recordingDisk({
      tryLock: fd => {
        const isLocked = real.tryLock(fd)
        locked ||= isLocked
        return isLocked
      },
      append: (fd, bytes) => {
        if (!locked) appendedUnlocked.push(bytes.length)
        return real.append(fd, bytes)
      },
      unlock: fd => {
        locked = false
        real.unlock(fd)
      },
    })
    const log = await openSampleLog(createLogDirectory(), { disk })
    const results = ['a', 'b', 'c', 'd'].map((word, seq) => log.append(seq, wordEvents(seq, [word]))())
    expect([(await Promise.all(results)).map(E.isRight), appendedUnlocked]).toEqual([Array(4).fill(true), []])
    await log.close()
  })

  it('leaves a torn tail in the log until it is on the disk in events.torn', async () => {
    const dir = createDirectoryFromBytes(await buildLog([['one']]))
    appendFileSync(logPath(dir), '{"seq":2')
    const disk = recordingDisk()
    const log = await openSampleLog(dir, { disk })
    await appendWord(log, 'two')
    const after = disk.calls.filter(call => !call.startsWith('append events.torn'))
    expect(disk.calls.indexOf('append events.torn')).toBeLessThan(disk.calls.indexOf('datasync events.torn'))
    expect(after).toEqual([
      'lock events.jsonl',
      'datasync events.torn',
      'truncate events.jsonl',
      'append events.jsonl',
      'unlock events.jsonl',
      'datasync events.jsonl',
    ])
    await log.close()
  })
})
