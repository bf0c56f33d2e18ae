import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { realDisk } from '../disk/disk.ts'
import { lockFairness, tryLockFile, withLockFile } from './file-lock.ts'

const fakeClock = (start: number) => {
  let nowMs = start
  return { monotonicMs: () => nowMs, pass: (ms: number) => void (nowMs += ms) }
}

describe('a process that takes the lock repeatedly', () => {
  it('keeps it while no other process competes', () => {
    const clock = fakeClock(1000)
    const fairness = lockFairness(clock.monotonicMs)
    for (let i = 0; i < 100; i += 1) {
      clock.pass(10)
      expect(fairness.shouldYield()).toBe(false)
    }
  })

  it('runs a burst, then yields the lock to competing processes', () => {
    const clock = fakeClock(1000)
    const fairness = lockFairness(clock.monotonicMs)
    fairness.startBurst()
    fairness.noteContention()
    expect(fairness.shouldYield()).toBe(false)
    clock.pass(2)
    expect(fairness.shouldYield()).toBe(true)
    fairness.startBurst()
    expect(fairness.shouldYield()).toBe(false)
    clock.pass(2)
    expect(fairness.shouldYield()).toBe(true)
  })

  it('forgets competitors that have not been seen for a while', () => {
    const clock = fakeClock(1000)
    const fairness = lockFairness(clock.monotonicMs)
    fairness.startBurst()
    fairness.noteContention()
    clock.pass(150)
    expect(fairness.shouldYield()).toBe(false)
    fairness.noteContention()
    expect(fairness.shouldYield()).toBe(true)
  })
})

describe('a deleted lock file', () => {
  const newLockPath = (): string => {
    const dir = mkdtempSync(join(tmpdir(), 'claimlog-lock-'))
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    return join(dir, 'lock')
  }

  it('while a process waits for its lock, does not let it in together with one that created the file again', async () => {
    const path = newLockPath()
    const tryLock = vi.spyOn(realDisk, 'tryLock')
    onTestFinished(() => tryLock.mockRestore())
    const waitForTwoTries = async (): Promise<void> => {
      const before = tryLock.mock.calls.length
      await vi.waitUntil(() => tryLock.mock.calls.length > before + 1, { timeout: 60_000 })
    }

    const releaseFirst = tryLockFile(path)
    let isOtherLocked = false
    const waiter = withLockFile(path, 60_000, () => ({ isAnotherIn: isOtherLocked }))()
    await waitForTwoTries()
    rmSync(path)
    const releaseThird = tryLockFile(path)
    isOtherLocked = releaseThird !== undefined
    expect(isOtherLocked).toBe(true)
    releaseFirst?.()
    // A process that has the lock does not try again.
    await Promise.race([waiter, waitForTwoTries()])
    isOtherLocked = false
    releaseThird?.()
    expect(await waiter).toEqual(E.right({ isAnotherIn: false }))
  })

  it('just before its lock is taken, is not mistaken for the new file of another process', () => {
    const path = newLockPath()
    const { tryLock } = realDisk
    let releaseOther: (() => void) | undefined
    const spy = vi.spyOn(realDisk, 'tryLock').mockImplementationOnce(fd => {
      rmSync(path)
      releaseOther = tryLockFile(path)
      return tryLock(fd)
    })
    onTestFinished(() => spy.mockRestore())
    expect(tryLockFile(path)).toBeUndefined()
    expect(releaseOther).toBeDefined()
    releaseOther?.()
    expect(tryLockFile(path)).toBeDefined()
  })
})
