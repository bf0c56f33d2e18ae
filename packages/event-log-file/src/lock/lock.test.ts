import { appendFileSync } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import { identity } from 'fp-ts/lib/function.js'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { LockTimeout } from '@claimlog/event-log'
import { startLockingProcess, runToEnd } from '../../testing/log-process.ts'
import { recordingDisk } from '../../testing/recording-disk.ts'
import { realTimers, type Timers } from '../disk/disk.ts'
import {
  appendDecisions,
  bytesAsText,
  createDirectoryFromBytes,
  withLog,
  logBytes,
  buildLog,
  logPath,
  logText,
  createLogDirectory,
  openSampleLog,
  readWords,
  appendWord,
} from '../../testing/sample-log.ts'

const isLinux = process.platform === 'linux'

describe('a lock that another process holds', () => {
  it.each(['disk', 'os'] as const)(
    'makes a writer give up at the deadline, naming that process, and leaves the log unchanged (durability %s)',
    async durability => {
      const dir = createDirectoryFromBytes(await buildLog([['one']]))
      const { pid, release } = await startLockingProcess(logPath(dir))
      const result = (await withLog(dir, log => appendWord(log, 'late'), {
        lockTimeoutMs: 50,
        durability,
      })) as LockTimeout
      expect(result).toEqual({
        failure: 'LockTimeout',
        path: logPath(dir),
        waitedMs: result.waitedMs,
        holderPid: isLinux ? pid : undefined,
        holders: isLinux ? [{ pid, command: 'node', readsOnly: false }] : [],
        changedHands: false,
      })
      expect(result.waitedMs).toBeGreaterThanOrEqual(50)
      expect(logText(dir)).toBe(bytesAsText(await buildLog([['one']])))
      await release()
      expect(await withLog(dir, log => appendWord(log, 'two'), { durability })).toBe(2)
    },
  )

  it('and has the file open for reading only is reported as such', async () => {
    const dir = createDirectoryFromBytes(await buildLog([['one']]))
    const { pid, release } = await startLockingProcess(logPath(dir), 'r')
    const result = await withLog(dir, log => appendWord(log, 'late'), { lockTimeoutMs: 50 })
    const holders = isLinux ? [{ pid, command: 'node', readsOnly: true }] : []
    expect(result).toMatchObject({ failure: 'LockTimeout', holders })
    await release()
  })

  it('is waited for beyond the deadline while others make progress', async () => {
    const dir = createDirectoryFromBytes(await buildLog([['one']]))
    const { release } = await startLockingProcess(logPath(dir))
    let now = 0
    const words: Array<ReadonlyArray<string>> = [['one']]
    const sleep = async (ms: number): Promise<void> => {
      now += ms
      if (now > 2500) return release()
      words.push(['again'])
      const { length } = logBytes(dir)
      appendFileSync(logPath(dir), (await buildLog(words)).subarray(length))
    }
    const timers: Timers = {
      ...realTimers,
      monotonicMs: () => now,
      sleep: () => sleep(400),
      sleepBlocking: () => sleep(400),
    }
    const writtenSeq = await withLog(dir, log => appendWord(log, 'late'), { timers, lockTimeoutMs: 1000 })
    expect(writtenSeq).toBe(words.length + 1)
  })

  it('that keeps changing hands is given up in the end, and the failure says that it changed hands', async () => {
    const dir = createDirectoryFromBytes(await buildLog([['one']]))
    const { release } = await startLockingProcess(logPath(dir))
    let now = 0
    const words: Array<ReadonlyArray<string>> = [['one']]
    const sleep = async (): Promise<void> => {
      now += 400
      words.push(['again'])
      const { length } = logBytes(dir)
      appendFileSync(logPath(dir), (await buildLog(words)).subarray(length))
    }
    const timers: Timers = { ...realTimers, monotonicMs: () => now, sleep, sleepBlocking: sleep }
    const result = await withLog(dir, log => appendWord(log, 'late'), { timers, lockTimeoutMs: 500 })
    expect(result).toMatchObject({ failure: 'LockTimeout', changedHands: true })
    expect((result as LockTimeout).waitedMs).toBeGreaterThanOrEqual(3000)
    await release()
  })

  it('makes a writer with a timeout of 0 give up immediately', async () => {
    const dir = createLogDirectory()
    const { release } = await startLockingProcess(logPath(dir))
    expect(await withLog(dir, log => appendWord(log, 'late'), { lockTimeoutMs: 0 })).toMatchObject({
      failure: 'LockTimeout',
    })
    await release()
    expect(await withLog(dir, log => appendWord(log, 'one'), { lockTimeoutMs: 0 })).toBe(1)
  })

  it('is waited for by writers, which continue when it is released', async () => {
    const dir = createLogDirectory()
    const { release } = await startLockingProcess(logPath(dir))
    let lockCalls = 0
    const busy = recordingDisk()
    const disk = { ...busy, tryLock: (fd: number) => [busy.tryLock(fd), (lockCalls += 1)][0] as boolean }
    const log = await openSampleLog(dir, { disk, lockTimeoutMs: 60_000 })
    const waiting = [appendWord(log, 'a'), appendWord(log, 'b')]
    while (lockCalls < 20) await new Promise(resolve => setTimeout(resolve, 1))
    expect(logText(dir)).toBe('')
    await release()
    expect((await Promise.all(waiting)).sort()).toEqual([1, 2])
    await log.close()
  })

  it('is not waited for by readers', async () => {
    const dir = createDirectoryFromBytes(await buildLog([['one'], ['two']]))
    const { release } = await startLockingProcess(logPath(dir))
    const lockCalls: Array<string> = []
    const disk = { ...recordingDisk(), tryLock: () => lockCalls.push('lock') < 0 }
    const log = await openSampleLog(dir, { disk })
    expect(await readWords(log)).toEqual(['one', 'two'])
    const stop = new AbortController()
    for await (const batch of log.follow(1, stop.signal)) {
      expect(batch).toEqual(E.right([{ seq: 2, word: 'two' }]))
      stop.abort()
    }
    expect(lockCalls).toEqual([])
    await log.close()
    await release()
  })

  it('is tried again less than once per millisecond, so that waiting is cheap', async () => {
    const dir = createLogDirectory()
    const { release } = await startLockingProcess(logPath(dir))
    const lockTimeoutMs = 500
    let lockCalls = 0
    const disk = { ...recordingDisk(), tryLock: () => (lockCalls += 1) < 0 }
    expect(await withLog(dir, log => appendWord(log, 'late'), { disk, lockTimeoutMs })).toMatchObject({
      failure: 'LockTimeout',
    })
    expect(lockCalls).toBeGreaterThan(1)
    expect(lockCalls).toBeLessThan(lockTimeoutMs)
    await release()
  })
})

describe('a process that dies while it has the lock', () => {
  it('frees it, even if a child that it started meanwhile is still running', async () => {
    const dir = createLogDirectory()
    const childPid = Number(await runToEnd('die-in-decision-process.mjs', [dir]))
    // A signal to process 0 would kill this process.
    expect(childPid).toBeGreaterThan(1)
    onTestFinished(() => void process.kill(childPid, 'SIGKILL'))
    expect(await withLog(dir, log => appendWord(log, 'next'), { lockTimeoutMs: 5000 })).toBe(1)
    expect(process.kill(childPid, 0)).toBe(true)
  })
})

describe('two logs of one process', () => {
  it('exclude each other like those of two processes', async () => {
    const dir = createLogDirectory()
    const [firstLog, secondLog] = [await openSampleLog(dir), await openSampleLog(dir, { lockTimeoutMs: 0 })]
    let nestedAppend: Promise<unknown> = Promise.resolve()
    await firstLog.transact(
      { seq: 0, apply: () => undefined },
      () => {
        nestedAppend = secondLog.append(0, [{ seq: 1, word: 'theirs' }])()
        return E.right({ events: [{ seq: 1, word: 'ours' }] })
      },
      identity,
    )()
    expect(await nestedAppend).toMatchObject({ left: { failure: 'LockTimeout' } })
    expect(await readWords(firstLog)).toEqual(['ours'])
    await appendDecisions(secondLog, 1, [['theirs']])
    await Promise.all([firstLog.close(), secondLog.close()])
  })
})
