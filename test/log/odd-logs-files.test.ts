import { execFileSync } from 'node:child_process'
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { logFileName } from '@claimlog/event-log-file'
import { describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../support/claimlog-process.ts'
import { fullLog, openLog } from './full-log.ts'
import { inLog, readAfter } from './log-copy.ts'
import { ask, askAll, directoryWith, looks } from './odd-log.ts'

const claim = ['claim', 'ann']
const everything = [...looks, claim, ['add', 'docs'], ['init'], ['tail', '--json']]

/** Links and other non-files. No command follows a link, so that none writes outside its workspace. */
const inPlaceOfTheLog: ReadonlyArray<{ what: string; make: (path: string) => unknown; says: RegExp }> = [
  { what: 'a directory', make: path => mkdirSync(path), says: /EISDIR/ },
  { what: 'a pipe', make: path => execFileSync('mkfifo', [path]), says: /not a regular file/ },
  { what: 'a link to itself', make: path => symlinkSync(logFileName, path), says: /ELOOP/ },
  { what: 'a link to nothing', make: path => symlinkSync('nowhere', path), says: /ELOOP/ },
  { what: 'a link to /dev/null', make: path => symlinkSync('/dev/null', path), says: /ELOOP/ },
  { what: 'a link to /dev/zero', make: path => symlinkSync('/dev/zero', path), says: /ELOOP/ },
]

/** Checks that every command reports that it could not open the log, and does not change the directory. */
const expectNotOpened = async (dir: string, says: RegExp): Promise<void> => {
  const path = join(dir, logFileName)
  const { mode, ino } = lstatSync(path)
  await expect(openLog(dir)).rejects.toThrow('"failure":"IoFailed"')
  const came = await askAll(dir, everything)
  const message = expect.stringMatching(says) as string
  expect(came.map(({ exit, printed }) => ({ exit, ...printed }))).toMatchObject(
    everything.map(() => ({ exit: 1, ok: false, error: 'io_failed', message, path })),
  )
  expect(lstatSync(path)).toMatchObject({ mode, ino })
  expect(readdirSync(dir)).toEqual([logFileName])
}

describe('an events.jsonl that is not a regular file', () => {
  it.each(inPlaceOfTheLog)('is reported by every command and not changed: $what', async ({ make, says }) => {
    const dir = temporaryDirectory()
    make(join(dir, logFileName))
    await expectNotOpened(dir, says)
  })

  it('is not followed if it is a link to a valid log elsewhere, which is not changed', async () => {
    const bytes = await fullLog()
    const elsewhere = directoryWith(bytes)
    const dir = temporaryDirectory()
    symlinkSync(join(elsewhere, logFileName), join(dir, logFileName))
    await expectNotOpened(dir, /ELOOP/)
    expect(readdirSync(elsewhere)).toEqual([logFileName])
    expect(readFileSync(join(elsewhere, logFileName)).equals(bytes)).toBe(true)
  })
})

it('a workspace is read and written through a link to its directory', async () => {
  const elsewhere = directoryWith(await fullLog())
  const dir = join(temporaryDirectory(), 'link')
  symlinkSync(elsewhere, dir)
  const came = await askAll(dir, looks)
  expect(came.map(({ exit, printed }) => [exit, printed.seq])).toEqual(looks.map(() => [0, 200]))
  expect(await askAll(dir, [claim])).toMatchObject([{ exit: 0, printed: { ok: true, seq: 201 } }])
  expect(await askAll(elsewhere, [['verify', '--json']])).toMatchObject([{ exit: 0, printed: { seq: 201 } }])
})

const twoGiB = 2 ** 31
const mostMiB = 200

/** A module to preload: writes the peak memory of the process to a file, in KiB. */
const noteMemory =
  "const { writeFileSync } = require('node:fs')\n" +
  "process.on('exit', () => writeFileSync(process.env.MEMORY_KEPT_IN, String(process.resourceUsage().maxRSS)))\n"

/** Runs a command; returns its exit code, its output, and its peak memory. */
const weighed = async (dir: string, words: ReadonlyArray<string>) => {
  const at = temporaryDirectory()
  const note = join(at, 'note.cjs')
  const kept = join(at, 'kept')
  writeFileSync(note, noteMemory)
  const { status, stdout } = await ask(dir, words, { NODE_OPTIONS: `--require ${note}`, MEMORY_KEPT_IN: kept })
  return { exit: status, printed: JSON.parse(stdout) as unknown, mib: Number(readFileSync(kept, 'utf8')) / 1024 }
}

describe('2 GiB without a newline', () => {
  it.each([
    { what: 'zeros', bytes: () => Buffer.alloc(0), line: 1 },
    { what: 'zeros after the beginning of a line', bytes: () => Buffer.from('{"seq":'), line: 1 },
    { what: 'zeros after a valid log', bytes: fullLog, line: 201 },
  ])(`are reported as damage with less than ${mostMiB} MiB of memory: $what`, async ({ bytes, line }) => {
    const start = await bytes()
    const dir = directoryWith(start)
    const path = join(dir, logFileName)
    truncateSync(path, twoGiB)
    const offset = line === 1 ? 0 : start.length
    const read = await inLog(dir, log => readAfter(log, 0))
    expect(read).toMatchObject({
      text: line === 1 ? '' : start.toString(),
      end: { failure: 'LogDamaged', line, offset },
    })
    for (const words of [...looks, claim]) {
      const { exit, printed, mib } = await weighed(dir, words)
      expect({ exit, printed }).toMatchObject({ exit: 7, printed: { error: 'log_damaged', path, line, offset } })
      expect(mib).toBeLessThan(mostMiB)
    }
    expect(lstatSync(path).size).toBe(twoGiB)
    expect(readdirSync(dir)).toEqual([logFileName])
  })
})
