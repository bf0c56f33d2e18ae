import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type FileWatch, type LookAgain, watchFile } from './file-watch.ts'

const anHourMs = 3_600_000
const goOn = new AbortController().signal

const newPath = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'claimlog-watch-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return join(dir, 'file')
}

const newWatch = (path: string, lookAgain: LookAgain): FileWatch => {
  const watch = watchFile(path, lookAgain)
  onTestFinished(watch.close)
  return watch
}

describe('a watch on a file', () => {
  it('resolves for each change without polling, also once another file has its name', async () => {
    const path = newPath()
    writeFileSync(path, '')
    const watch = newWatch(path, { toldMs: anHourMs, untoldMs: anHourMs })
    const until = async (text: string): Promise<void> => {
      while (readFileSync(path, 'utf8') !== text) expect(await watch.next(goOn)).toBe(true)
    }
    appendFileSync(path, 'one')
    await until('one')
    const later = until('one, two')
    setImmediate(() => appendFileSync(path, ', two'))
    await later
    writeFileSync(`${path}.new`, 'three')
    renameSync(`${path}.new`, path)
    await until('three')
    const last = until('three, four')
    setImmediate(() => appendFileSync(path, ', four'))
    await last
  })

  it('polls soon if nothing can be watched', async () => {
    const watch = newWatch(newPath(), { toldMs: anHourMs, untoldMs: 1 })
    expect(await watch.next(goOn)).toBe(false)
    expect(await watch.next(goOn)).toBe(false)
  })

  it('polls soon after a missed change, and still gets notifications', async () => {
    const path = newPath()
    writeFileSync(path, '')
    const watch = newWatch(path, { toldMs: anHourMs, untoldMs: 1 })
    watch.missed()
    // A change from before the new watch is checked for immediately.
    expect(await watch.next(goOn)).toBe(true)
    expect(await watch.next(goOn)).toBe(false)
    appendFileSync(path, 'one')
    while (!(await watch.next(goOn))) expect(readFileSync(path, 'utf8')).toBe('one')
  })

  it('waits no longer than its signal permits', async () => {
    const path = newPath()
    writeFileSync(path, '')
    const watch = newWatch(path, { toldMs: anHourMs, untoldMs: anHourMs })
    const stop = new AbortController()
    const waiting = watch.next(stop.signal)
    stop.abort()
    expect([await waiting, await watch.next(stop.signal)]).toEqual([false, false])
  })
})
