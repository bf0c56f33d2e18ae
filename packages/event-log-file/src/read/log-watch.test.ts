import {
  appendFileSync,
  closeSync,
  copyFileSync,
  openSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { lifeCycle, type LogWatch } from '@claimlog/event-log'
import { type Disk, realDisk } from '../disk/disk.ts'
import type { PollIntervals } from './file-watch.ts'
import { watchLog } from './log-watch.ts'
import {
  appendDecisions,
  createDirectoryFromBytes,
  withLog,
  logBytes,
  buildLog,
  logPath,
  createLogDirectory,
} from '../../testing/sample-log.ts'

const anHourMs = 3_600_000
const notificationsOnly: PollIntervals = { notifiedMs: anHourMs, unnotifiedMs: anHourMs }
const neverAborted = new AbortController().signal

const newWatch = (dir: string, pollIntervals: PollIntervals, disk: Disk = realDisk): LogWatch => {
  const watch = watchLog(disk, logPath(dir), lifeCycle(), pollIntervals)
  onTestFinished(watch.close)
  return watch
}

describe('a watch on a log', () => {
  it('resolves for each append by notification, without polling', async () => {
    const dir = createLogDirectory()
    const watch = newWatch(dir, notificationsOnly)
    for (const seq of [0, 1, 2]) {
      const grown = watch.next(neverAborted)
      await withLog(dir, log => appendDecisions(log, seq, [[`word ${seq}`]]))
      await grown
    }
  })

  it('is one of many that all resolve', async () => {
    const dir = createLogDirectory()
    const grown = Array.from({ length: 8 }, () => newWatch(dir, notificationsOnly).next(neverAborted))
    await withLog(dir, log => appendDecisions(log, 0, [['word']]))
    await Promise.all(grown)
  })

  it('ignores changes that leave the log as it was', async () => {
    const dir = createLogDirectory()
    let onStat = (): void => undefined
    const stat: Disk['stat'] = path => {
      onStat()
      return realDisk.stat(path)
    }
    const watch = newWatch(dir, notificationsOnly, { ...realDisk, stat })
    const before = logBytes(dir).length
    const lengthAtWakeup = watch.next(neverAborted).then(() => logBytes(dir).length)
    const spuriousCheck = new Promise<void>(resolve => (onStat = resolve))
    utimesSync(logPath(dir), new Date(), new Date())
    await spuriousCheck
    await withLog(dir, log => appendDecisions(log, 0, [['word']]))
    expect(await lengthAtWakeup).toBeGreaterThan(before)
  })

  it('resolves if another history of the same length was written over the log', async () => {
    const dir = createDirectoryFromBytes(await buildLog([['one']]))
    const watch = newWatch(dir, notificationsOnly)
    for (const word of ['two', 'ONE']) {
      const bytes = await buildLog([[word]])
      expect(bytes.length).toBe(logBytes(dir).length)
      const replaced = watch.next(neverAborted)
      writeFileSync(logPath(dir), bytes, { flag: 'r+' })
      await replaced
    }
  })

  it('resolves if another file replaces the log, and for appends to that file', async () => {
    const dir = createLogDirectory()
    const path = logPath(dir)
    const watch = newWatch(dir, notificationsOnly)
    copyFileSync(path, `${path}.new`)
    const replacement = watch.next(neverAborted)
    renameSync(`${path}.new`, path)
    await replacement
    const grown = watch.next(neverAborted)
    setImmediate(() => appendFileSync(path, 'more'))
    await grown
  })

  it('resolves for appends to a replacement while a process still has the old file open', async () => {
    const dir = createLogDirectory()
    const path = logPath(dir)
    const old = openSync(path, 'r')
    onTestFinished(() => closeSync(old))
    const watch = newWatch(dir, notificationsOnly)
    copyFileSync(path, `${path}.new`)
    const replacement = watch.next(neverAborted)
    renameSync(`${path}.new`, path)
    await replacement
    for (const more of ['one', 'two']) {
      const grown = watch.next(neverAborted)
      setImmediate(() => appendFileSync(path, more))
      await grown
    }
  })

  it('finds changes without notifications by polling, also that the log is gone and is back', async () => {
    const dir = createLogDirectory()
    // A watch on a missing file is refused, so there are no notifications then.
    rmSync(logPath(dir))
    let size: number | undefined
    const stat: Disk['stat'] = () => (size === undefined ? undefined : { dev: 1, ino: 1, regular: true, size })
    const watch = newWatch(dir, { notifiedMs: anHourMs, unnotifiedMs: 1 }, { ...realDisk, stat })
    for (const next of [0, 10, undefined, 10]) {
      size = next
      await watch.next(neverAborted)
    }
    const stop = new AbortController()
    const abortedWait = watch.next(stop.signal)
    stop.abort()
    await abortedWait
  })
})
