import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type FileWatch, type PollIntervals, watchFile } from './file-watch.ts'

const anHourMs = 3_600_000
const neverAborted = new AbortController().signal

const newPath = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'claimlog-watch-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return join(dir, 'file')
}

const newWatch = (path: string, pollIntervals: PollIntervals): FileWatch => {
  const watch = watchFile(path, pollIntervals)
  onTestFinished(watch.close)
  return watch
}

describe('a watch on a file', () => {
  it('resolves for each change without polling, also once another file has its name', async () => {
    const path = newPath()
    writeFileSync(path, '')
    const watch = newWatch(path, { notifiedMs: anHourMs, unnotifiedMs: anHourMs })
    const waitForText = async (text: string): Promise<void> => {
      while (readFileSync(path, 'utf8') !== text) expect(await watch.next(neverAborted)).toBe(true)
    }
    appendFileSync(path, 'one')
    await waitForText('one')
    const later = waitForText('one, two')
    setImmediate(() => appendFileSync(path, ', two'))
    await later
    writeFileSync(`${path}.new`, 'three')
    renameSync(`${path}.new`, path)
    await waitForText('three')
    const last = waitForText('three, four')
    setImmediate(() => appendFileSync(path, ', four'))
    await last
  })

  it('polls soon if nothing can be watched', async () => {
    const watch = newWatch(newPath(), { notifiedMs: anHourMs, unnotifiedMs: 1 })
    expect(await watch.next(neverAborted)).toBe(false)
    expect(await watch.next(neverAborted)).toBe(false)
  })

  it('polls soon after a missed change, and still gets notifications', async () => {
    const path = newPath()
    writeFileSync(path, '')
    const watch = newWatch(path, { notifiedMs: anHourMs, unnotifiedMs: 1 })
    watch.noteMissedChange()
    // A change from before the new watch is checked for immediately.
    expect(await watch.next(neverAborted)).toBe(true)
    expect(await watch.next(neverAborted)).toBe(false)
    appendFileSync(path, 'one')
    while (!(await watch.next(neverAborted))) expect(readFileSync(path, 'utf8')).toBe('one')
  })

  it('waits no longer than its signal permits', async () => {
    const path = newPath()
    writeFileSync(path, '')
    const watch = newWatch(path, { notifiedMs: anHourMs, unnotifiedMs: anHourMs })
    const stop = new AbortController()
    const waiting = watch.next(stop.signal)
    stop.abort()
    expect([await waiting, await watch.next(stop.signal)]).toEqual([false, false])
  })
})
