import { appendFileSync } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import { identity } from 'fp-ts/lib/function.js'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { LockTimeout } from '@claimlog/event-log'
import { lockHeldByAnother, printedBy } from '../../testing/log-process.ts'
import { recordingDisk } from '../../testing/recording-disk.ts'
import { realTimers, type Timers } from '../disk/disk.ts'
import {
  append,
  bytesAsText,
  directoryWith,
  inLog,
  logBytes,
  logOf,
  logPath,
  logText,
  newLogDirectory,
  openSampleLog,
  read,
  say,
} from '../../testing/sample-log.ts'

const isLinux = process.platform === 'linux'

describe('a lock that another process holds', () => {
  it.each(['disk', 'os'] as const)(
    'makes a writer give up at the deadline, naming that process, and leaves the log unchanged (durability %s)',
    async durability => {
      const dir = directoryWith(await logOf([['one']]))
      const { pid, letGo } = await lockHeldByAnother(logPath(dir))
      const given = (await inLog(dir, log => say(log, 'late'), { lockTimeoutMs: 50, durability })) as LockTimeout
      expect(given).toEqual({
        failure: 'LockTimeout',
        path: logPath(dir),
        waitedMs: given.waitedMs,
        holderPid: isLinux ? pid : undefined,
        holders: isLinux ? [{ pid, command: 'node', readsOnly: false }] : [],
        changedHands: false,
      })
      expect(given.waitedMs).toBeGreaterThanOrEqual(50)
      expect(logText(dir)).toBe(bytesAsText(await logOf([['one']])))
      await letGo()
      expect(await inLog(dir, log => say(log, 'two'), { durability })).toBe(2)
    },
  )

  it('and has the file open for reading only is reported as such', async () => {
    const dir = directoryWith(await logOf([['one']]))
    const { pid, letGo } = await lockHeldByAnother(logPath(dir), 'r')
    const given = await inLog(dir, log => say(log, 'late'), { lockTimeoutMs: 50 })
    const holders = isLinux ? [{ pid, command: 'node', readsOnly: true }] : []
    expect(given).toMatchObject({ failure: 'LockTimeout', holders })
    await letGo()
  })

  it('is waited for beyond the deadline while others make progress', async () => {
    const dir = directoryWith(await logOf([['one']]))
    const { letGo } = await lockHeldByAnother(logPath(dir))
    let now = 0
    const words: Array<ReadonlyArray<string>> = [['one']]
    const sleep = async (ms: number): Promise<void> => {
      now += ms
      if (now > 2500) return letGo()
      words.push(['again'])
      const { length } = logBytes(dir)
      appendFileSync(logPath(dir), (await logOf(words)).subarray(length))
    }
    const timers: Timers = { ...realTimers, monotonicMs: () => now, sleep: () => sleep(400), nap: () => sleep(400) }
    const written = await inLog(dir, log => say(log, 'late'), { timers, lockTimeoutMs: 1000 })
    expect(written).toBe(words.length + 1)
  })

  it('that keeps changing hands is given up in the end, and the failure says that it changed hands', async () => {
    const dir = directoryWith(await logOf([['one']]))
    const { letGo } = await lockHeldByAnother(logPath(dir))
    let now = 0
    const words: Array<ReadonlyArray<string>> = [['one']]
    const sleep = async (): Promise<void> => {
      now += 400
      words.push(['again'])
      const { length } = logBytes(dir)
      appendFileSync(logPath(dir), (await logOf(words)).subarray(length))
    }
    const timers: Timers = { ...realTimers, monotonicMs: () => now, sleep, nap: sleep }
    const given = await inLog(dir, log => say(log, 'late'), { timers, lockTimeoutMs: 500 })
    expect(given).toMatchObject({ failure: 'LockTimeout', changedHands: true })
    expect((given as LockTimeout).waitedMs).toBeGreaterThanOrEqual(3000)
    await letGo()
  })

  it('makes a writer with a timeout of 0 give up immediately', async () => {
    const dir = newLogDirectory()
    const { letGo } = await lockHeldByAnother(logPath(dir))
    expect(await inLog(dir, log => say(log, 'late'), { lockTimeoutMs: 0 })).toMatchObject({ failure: 'LockTimeout' })
    await letGo()
    expect(await inLog(dir, log => say(log, 'one'), { lockTimeoutMs: 0 })).toBe(1)
  })

  it('is waited for by writers, which continue when it is released', async () => {
    const dir = newLogDirectory()
    const { letGo } = await lockHeldByAnother(logPath(dir))
    let asked = 0
    const busy = recordingDisk()
    const disk = { ...busy, tryLock: (fd: number) => [busy.tryLock(fd), (asked += 1)][0] as boolean }
    const log = await openSampleLog(dir, { disk, lockTimeoutMs: 60_000 })
    const waiting = [say(log, 'a'), say(log, 'b')]
    while (asked < 20) await new Promise(resolve => setTimeout(resolve, 1))
    expect(logText(dir)).toBe('')
    await letGo()
    expect((await Promise.all(waiting)).sort()).toEqual([1, 2])
    await log.close()
  })

  it('is not waited for by readers', async () => {
    const dir = directoryWith(await logOf([['one'], ['two']]))
    const { letGo } = await lockHeldByAnother(logPath(dir))
    const asked: Array<string> = []
    const disk = { ...recordingDisk(), tryLock: () => asked.push('lock') < 0 }
    const log = await openSampleLog(dir, { disk })
    expect(await read(log)).toEqual(['one', 'two'])
    const stop = new AbortController()
    for await (const batch of log.follow(1, stop.signal)) {
      expect(batch).toEqual(E.right([{ seq: 2, word: 'two' }]))
      stop.abort()
    }
    expect(asked).toEqual([])
    await log.close()
    await letGo()
  })

  it('is tried again less than once per millisecond, so that waiting is cheap', async () => {
    const dir = newLogDirectory()
    const { letGo } = await lockHeldByAnother(logPath(dir))
    const lockTimeoutMs = 500
    let asked = 0
    const disk = { ...recordingDisk(), tryLock: () => (asked += 1) < 0 }
    expect(await inLog(dir, log => say(log, 'late'), { disk, lockTimeoutMs })).toMatchObject({ failure: 'LockTimeout' })
    expect(asked).toBeGreaterThan(1)
    expect(asked).toBeLessThan(lockTimeoutMs)
    await letGo()
  })
})

describe('a process that dies while it has the lock', () => {
  it('frees it, even if a child that it started meanwhile is still running', async () => {
    const dir = newLogDirectory()
    const childPid = Number(await printedBy('die-in-decision-process.mjs', [dir]))
    // A signal to process 0 would kill this process.
    expect(childPid).toBeGreaterThan(1)
    onTestFinished(() => void process.kill(childPid, 'SIGKILL'))
    expect(await inLog(dir, log => say(log, 'next'), { lockTimeoutMs: 5000 })).toBe(1)
    expect(process.kill(childPid, 0)).toBe(true)
  })
})

describe('two logs of one process', () => {
  it('exclude each other like those of two processes', async () => {
    const dir = newLogDirectory()
    const [ours, theirs] = [await openSampleLog(dir), await openSampleLog(dir, { lockTimeoutMs: 0 })]
    let inner: Promise<unknown> = Promise.resolve()
    await ours.transact(
      { seq: 0, take: () => undefined },
      () => {
        inner = theirs.append(0, [{ seq: 1, word: 'theirs' }])()
        return E.right({ events: [{ seq: 1, word: 'ours' }] })
      },
      identity,
    )()
    expect(await inner).toMatchObject({ left: { failure: 'LockTimeout' } })
    expect(await read(ours)).toEqual(['ours'])
    await append(theirs, 1, [['theirs']])
    await Promise.all([ours.close(), theirs.close()])
  })
})
