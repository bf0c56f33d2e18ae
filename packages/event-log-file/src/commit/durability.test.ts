import * as E from 'fp-ts/lib/Either.js'
import { identity } from 'fp-ts/lib/function.js'
import { appendFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Follower } from '@claimlog/event-log'
import type { Sample } from '@claimlog/event-log/conformance'
import { realDisk } from '../disk/disk.ts'
import { recordingDisk, systemError } from '../../testing/recording-disk.ts'
import {
  append,
  directoryWith,
  inLog,
  logOf,
  logPath,
  newLogDirectory,
  openSampleLog,
  read,
  right,
  said,
  say,
} from '../../testing/sample-log.ts'

/** A decision without events. */
const askNothing: Follower<Sample> = { seq: 0, take: () => undefined }
const alreadySo = () => E.right({ events: [] })

const written = ['lock events.jsonl', 'append events.jsonl', 'unlock events.jsonl', 'datasync events.jsonl']

describe('a result of a durable log', () => {
  it('comes after the sync, which comes after the unlock, which comes after the write', async () => {
    const disk = recordingDisk()
    const log = await openSampleLog(newLogDirectory(), { disk })
    await append(log, 0, [['one']])
    disk.calls.push('answer')
    await say(log, 'two')
    disk.calls.push('answer')
    expect(disk.calls).toEqual([...written, 'answer', ...written, 'answer'])
    await log.close()
  })

  it('that depends on events of another process waits until those are synced too', async () => {
    const dir = newLogDirectory()
    await inLog(dir, log => append(log, 0, [['unsynced']]), { durability: 'os' })
    const disk = recordingDisk()
    const log = await openSampleLog(dir, { disk })
    await log.transact(askNothing, alreadySo, identity)()
    disk.calls.push('answer')
    expect(disk.calls).toEqual(['lock events.jsonl', 'unlock events.jsonl', 'datasync events.jsonl', 'answer'])
    await log.close()
  })

  it('that depends on nothing new does not sync again until another process has written', async () => {
    const dir = newLogDirectory()
    const disk = recordingDisk()
    const log = await openSampleLog(dir, { disk })
    await append(log, 0, [['one']])
    disk.calls.length = 0
    await log.transact(askNothing, alreadySo, identity)()
    expect(disk.calls).toEqual(['lock events.jsonl', 'unlock events.jsonl'])
    await inLog(dir, other => append(other, 1, [['two']]), { durability: 'os' })
    disk.calls.length = 0
    await log.transact(askNothing, alreadySo, identity)()
    expect(disk.calls).toEqual(['lock events.jsonl', 'unlock events.jsonl', 'datasync events.jsonl'])
    await log.close()
  })

  it('of each of many concurrent calls comes only after a sync of its events', async () => {
    const disk = recordingDisk()
    const log = await openSampleLog(newLogDirectory(), { disk })
    const asked = Array.from({ length: 20 }, async (_, i) => {
      right(await log.append(i, said(i, [`writer ${i}`]))())
      const synced = disk.calls.lastIndexOf('datasync events.jsonl')
      return disk.calls.slice(0, synced).filter(call => call === 'append events.jsonl').length > i
    })
    expect(await Promise.all(asked)).toEqual(Array(20).fill(true))
    await log.close()
  })

  it('of concurrent calls shares locks and syncs: one each for the first call, one each for all the others', async () => {
    const disk = recordingDisk()
    const log = await openSampleLog(newLogDirectory(), { disk })
    const inTurn = (count: number): ReadonlyArray<string> => [
      'lock events.jsonl',
      ...Array<string>(count).fill('append events.jsonl'),
      'unlock events.jsonl',
      'datasync events.jsonl',
    ]
    await Promise.all(Array.from({ length: 20 }, (_, i) => log.append(i, said(i, [`writer ${i}`]))()))
    expect(disk.calls).toEqual([...inTurn(1), ...inTurn(19)])
    disk.calls.length = 0
    await Promise.all(Array.from({ length: 20 }, (_, i) => log.append(20 + i, said(20 + i, [`writer ${i}`]))()))
    expect(disk.calls).toEqual(inTurn(20))
    await log.close()
  })

  it('belongs to its own call, also if another call of the commit is refused, fails or throws', async () => {
    const full = { append: (fd: number, bytes: Uint8Array) => realDisk.append(fd, bytes) }
    const log = await openSampleLog(newLogDirectory(), {
      disk: recordingDisk({ append: (...of) => full.append(...of) }),
    })
    const reader: Follower<Sample> = { seq: 1, take: () => undefined }
    const come = await Promise.allSettled([
      log.append(0, said(0, ['one']))(),
      log.append(7, said(7, ['late']))(),
      log.transact(reader, () => E.left('refused'), identity)(),
      log.transact(
        reader,
        () => {
          full.append = () => {
            throw systemError('ENOSPC')
          }
          throw new Error('a defect')
        },
        () => undefined,
      )(),
      log.append(1, said(1, ['no room']))(),
    ])
    expect(
      come.map(each =>
        each.status === 'rejected' ? String(each.reason) : E.isLeft(each.value) ? each.value.left : 'ok',
      ),
    ).toMatchObject([
      'ok',
      { failure: 'SeqConflict', expectedSeq: 7, actualSeq: 1 },
      'refused',
      'Error: a defect',
      { failure: 'IoFailed', code: 'ENOSPC' },
    ])
    expect(await read(log)).toEqual(['one'])
    await log.close()
  })

  it('comes after a sync, also if another call of the commit could not read the log', async () => {
    const dir = newLogDirectory()
    await inLog(dir, log => append(log, 0, [['one'], ['two']]))
    let broken = false
    const disk = recordingDisk({
      read: (...of) => {
        if (broken) throw systemError('EIO')
        return realDisk.read(...of)
      },
    })
    const log = await openSampleLog(dir, { disk })
    await log.transact(askNothing, alreadySo, identity)()
    disk.calls.length = 0
    const [, three, behind] = await Promise.all([
      log.append(7, said(7, ['late']))(),
      log.append(2, said(2, ['three']))(),
      log.transact({ seq: 1, take: () => (broken = true) }, alreadySo, identity)(),
      log.transact({ seq: 1, take: () => undefined }, alreadySo, identity)(),
    ])
    expect([E.isRight(three), E.isRight(behind)]).toEqual([true, true])
    expect(disk.calls.slice(-3)).toEqual(['append events.jsonl', 'unlock events.jsonl', 'datasync events.jsonl'])
    await log.close()
  })

  it('comes without a sync with durability os', async () => {
    const disk = recordingDisk()
    const log = await openSampleLog(newLogDirectory(), { disk, durability: 'os' })
    await append(log, 0, [['one'], ['two']])
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
        const taken = real.tryLock(fd)
        locked ||= taken
        return taken
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
    const log = await openSampleLog(newLogDirectory(), { disk })
    const asked = ['a', 'b', 'c', 'd'].map((word, seq) => log.append(seq, said(seq, [word]))())
    expect([(await Promise.all(asked)).map(E.isRight), appendedUnlocked]).toEqual([Array(4).fill(true), []])
    await log.close()
  })

  it('leaves a torn tail in the log until it is on the disk in events.torn', async () => {
    const dir = directoryWith(await logOf([['one']]))
    appendFileSync(logPath(dir), '{"seq":2')
    const disk = recordingDisk()
    const log = await openSampleLog(dir, { disk })
    await say(log, 'two')
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
