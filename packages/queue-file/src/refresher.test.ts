import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Event } from '@claimlog/domain'
import { memoryLog, memoryStorage } from '@claimlog/event-log'
import { tryLockFile } from '@claimlog/event-log-file'
import { derivedFiles } from './disk.ts'
import { keepRefreshing, startRefresher } from './refresher.ts'

/** A workspace whose last refresher was started `ageMs` ago, by the mtime of the file that records it. */
const workspaceWithStart = (ageMs: number): { readonly dir: string; readonly startedAtMs: () => number } => {
  const dir = mkdtempSync(join(tmpdir(), 'claimlog-refresher-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const recordPath = join(dir, derivedFiles.refresher)
  mkdirSync(join(dir, 'derived'))
  writeFileSync(recordPath, '\n')
  const startedAt = (Date.now() - ageMs) / 1000
  utimesSync(recordPath, startedAt, startedAt)
  return { dir, startedAtMs: () => statSync(recordPath).mtimeMs }
}

/** Starts a program that ends at once; the file that records the start shows if it was started. */
const start = async (dir: string): Promise<void> => {
  const program = join(dir, 'program.cjs')
  writeFileSync(program, '')
  await startRefresher({ dir, program })
}

describe.each([
  ['a second ago', 1000, 'counts as running'],
  ['just now, by an mtime that is ahead of the clock', -50, 'counts as running'],
  ['by a clock that was set back a second since', -1000, 'counts as running'],
  ['ten seconds ago, and has no lock', 10_000, 'is followed by another'],
  ['by a clock that was set back an hour since, and has no lock', -3_600_000, 'is followed by another'],
])('a refresher that was started %s', (_, ageMs, outcome) => {
  test(outcome, async () => {
    const { dir, startedAtMs } = workspaceWithStart(ageMs)
    const before = startedAtMs()
    await start(dir)
    expect(startedAtMs() === before ? 'counts as running' : 'is followed by another').toBe(outcome)
  })
})

test('of many commands that want one at the same time, one starts it', async () => {
  const { dir } = workspaceWithStart(10_000)
  const starts = join(dir, 'starts')
  mkdirSync(starts)
  const program = join(dir, 'program.cjs')
  writeFileSync(
    program,
    `require('node:fs').writeFileSync(require('node:path').join(${JSON.stringify(starts)}, String(process.pid)), '')`,
  )
  await Promise.all(Array.from({ length: 20 }, () => startRefresher({ dir, program })))
  await expect.poll(() => readdirSync(starts).length, { timeout: 60_000 }).toBeGreaterThan(0)
  expect(readdirSync(starts)).toHaveLength(1)
})

describe('a refresher whose lock is taken', () => {
  const runRefresher = (dir: string): { readonly ended: Promise<void>; readonly reads: () => number } => {
    let reads = 0
    const read = (): Promise<undefined> => {
      reads += 1
      return Promise.resolve(undefined)
    }
    return { ended: keepRefreshing({ dir, log: memoryLog<Event>(memoryStorage()), read }), reads: () => reads }
  }

  test('starts if a command had it for an instant, to check if one is required', async () => {
    const { dir } = workspaceWithStart(10_000)
    const release = tryLockFile(join(dir, derivedFiles.refresher))
    const { ended, reads } = runRefresher(dir)
    release?.()
    await ended
    expect(reads()).toBeGreaterThan(0)
  })

  test('ends without reading the log if another refresher keeps it', async () => {
    const { dir } = workspaceWithStart(10_000)
    const release = tryLockFile(join(dir, derivedFiles.refresher))
    const { ended, reads } = runRefresher(dir)
    await ended
    release?.()
    expect(reads()).toBe(0)
  })
})
