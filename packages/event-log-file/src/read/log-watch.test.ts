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
import type { LookAgain } from './file-watch.ts'
import { watchLog } from './log-watch.ts'
import { append, directoryWith, inLog, logBytes, logOf, logPath, newLogDirectory } from '../../testing/sample-log.ts'

const anHourMs = 3_600_000
const onlyWhenTold: LookAgain = { toldMs: anHourMs, untoldMs: anHourMs }
const goOn = new AbortController().signal

const newWatch = (dir: string, lookAgain: LookAgain, disk: Disk = realDisk): LogWatch => {
  const watch = watchLog(disk, logPath(dir), lifeCycle(), lookAgain)
  onTestFinished(watch.close)
  return watch
}

describe('a watch on a log', () => {
  it('resolves for each append by notification, without polling', async () => {
    const dir = newLogDirectory()
    const watch = newWatch(dir, onlyWhenTold)
    for (const seq of [0, 1, 2]) {
      const grown = watch.next(goOn)
      await inLog(dir, log => append(log, seq, [[`word ${seq}`]]))
      await grown
    }
  })

  it('is one of many that all resolve', async () => {
    const dir = newLogDirectory()
    const grown = Array.from({ length: 8 }, () => newWatch(dir, onlyWhenTold).next(goOn))
    await inLog(dir, log => append(log, 0, [['word']]))
    await Promise.all(grown)
  })

  it('ignores changes that leave the log as it was', async () => {
    const dir = newLogDirectory()
    let looked = (): void => undefined
    const stat: Disk['stat'] = path => {
      looked()
      return realDisk.stat(path)
    }
    const watch = newWatch(dir, onlyWhenTold, { ...realDisk, stat })
    const before = logBytes(dir).length
    const lengthWhenTold = watch.next(goOn).then(() => logBytes(dir).length)
    const inVain = new Promise<void>(resolve => (looked = resolve))
    utimesSync(logPath(dir), new Date(), new Date())
    await inVain
    await inLog(dir, log => append(log, 0, [['word']]))
    expect(await lengthWhenTold).toBeGreaterThan(before)
  })

  it('resolves if another history of the same length was written over the log', async () => {
    const dir = directoryWith(await logOf([['one']]))
    const watch = newWatch(dir, onlyWhenTold)
    for (const word of ['two', 'ONE']) {
      const bytes = await logOf([[word]])
      expect(bytes.length).toBe(logBytes(dir).length)
      const replaced = watch.next(goOn)
      writeFileSync(logPath(dir), bytes, { flag: 'r+' })
      await replaced
    }
  })

  it('resolves if another file replaces the log, and for appends to that file', async () => {
    const dir = newLogDirectory()
    const path = logPath(dir)
    const watch = newWatch(dir, onlyWhenTold)
    copyFileSync(path, `${path}.new`)
    const moved = watch.next(goOn)
    renameSync(`${path}.new`, path)
    await moved
    const grown = watch.next(goOn)
    setImmediate(() => appendFileSync(path, 'more'))
    await grown
  })

  it('resolves for appends to a replacement while a process still has the old file open', async () => {
    const dir = newLogDirectory()
    const path = logPath(dir)
    const old = openSync(path, 'r')
    onTestFinished(() => closeSync(old))
    const watch = newWatch(dir, onlyWhenTold)
    copyFileSync(path, `${path}.new`)
    const moved = watch.next(goOn)
    renameSync(`${path}.new`, path)
    await moved
    for (const more of ['one', 'two']) {
      const grown = watch.next(goOn)
      setImmediate(() => appendFileSync(path, more))
      await grown
    }
  })

  it('finds changes without notifications by polling, also that the log is gone and is back', async () => {
    const dir = newLogDirectory()
    // A watch on a missing file is refused, so there are no notifications then.
    rmSync(logPath(dir))
    let size: number | undefined
    const stat: Disk['stat'] = () => (size === undefined ? undefined : { dev: 1, ino: 1, regular: true, size })
    const watch = newWatch(dir, { toldMs: anHourMs, untoldMs: 1 }, { ...realDisk, stat })
    for (const next of [0, 10, undefined, 10]) {
      size = next
      await watch.next(goOn)
    }
    const stop = new AbortController()
    const forNothing = watch.next(stop.signal)
    stop.abort()
    await forNothing
  })
})
