import { execFileSync } from 'node:child_process'
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { logFileName } from '@claimlog/event-log-file'
import { describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../support/claimlog-process.ts'
import { writeSampleLog, openLog } from './sample-log.ts'
import { withLog, readLog } from './log-copy.ts'
import { runChecked, runAll, newLogDirectory, readCommands } from './odd-log-checks.ts'

const claim = ['claim', 'ann']
const allCommands = [...readCommands, claim, ['add', 'docs'], ['init'], ['tail', '--json']]

/** Links and other non-files. No command follows a link, so that none writes outside its workspace. */
const nonFiles: ReadonlyArray<{ what: string; make: (path: string) => unknown; messagePattern: RegExp }> = [
  { what: 'a directory', make: path => mkdirSync(path), messagePattern: /EISDIR/ },
  { what: 'a pipe', make: path => execFileSync('mkfifo', [path]), messagePattern: /not a regular file/ },
  { what: 'a link to itself', make: path => symlinkSync(logFileName, path), messagePattern: /ELOOP/ },
  { what: 'a link to nothing', make: path => symlinkSync('nowhere', path), messagePattern: /ELOOP/ },
  { what: 'a link to /dev/null', make: path => symlinkSync('/dev/null', path), messagePattern: /ELOOP/ },
  { what: 'a link to /dev/zero', make: path => symlinkSync('/dev/zero', path), messagePattern: /ELOOP/ },
]

/** Checks that every command reports that it could not open the log, and does not change the directory. */
const expectNotOpened = async (dir: string, messagePattern: RegExp): Promise<void> => {
  const path = join(dir, logFileName)
  const { mode, ino } = lstatSync(path)
  await expect(openLog(dir)).rejects.toThrow('"failure":"IoFailed"')
  const outputs = await runAll(dir, allCommands)
  const message = expect.stringMatching(messagePattern) as string
  expect(outputs.map(({ exit, printed }) => ({ exit, ...printed }))).toMatchObject(
    allCommands.map(() => ({ exit: 1, ok: false, error: 'io_failed', message, path })),
  )
  expect(lstatSync(path)).toMatchObject({ mode, ino })
  expect(readdirSync(dir)).toEqual([logFileName])
}

describe('an events.jsonl that is not a regular file', () => {
  it.each(nonFiles)('is reported by every command and not changed: $what', async ({ make, messagePattern }) => {
    const dir = temporaryDirectory()
    make(join(dir, logFileName))
    await expectNotOpened(dir, messagePattern)
  })

  it('is not followed if it is a link to a valid log elsewhere, which is not changed', async () => {
    const bytes = await writeSampleLog()
    const elsewhere = newLogDirectory(bytes)
    const dir = temporaryDirectory()
    symlinkSync(join(elsewhere, logFileName), join(dir, logFileName))
    await expectNotOpened(dir, /ELOOP/)
    expect(readdirSync(elsewhere)).toEqual([logFileName])
    expect(readFileSync(join(elsewhere, logFileName)).equals(bytes)).toBe(true)
  })
})

it('a workspace is read and written through a link to its directory', async () => {
  const elsewhere = newLogDirectory(await writeSampleLog())
  const dir = join(temporaryDirectory(), 'link')
  symlinkSync(elsewhere, dir)
  const outputs = await runAll(dir, readCommands)
  expect(outputs.map(({ exit, printed }) => [exit, printed.seq])).toEqual(readCommands.map(() => [0, 200]))
  expect(await runAll(dir, [claim])).toMatchObject([{ exit: 0, printed: { ok: true, seq: 201 } }])
  expect(await runAll(elsewhere, [['verify', '--json']])).toMatchObject([{ exit: 0, printed: { seq: 201 } }])
})

const twoGiB = 2 ** 31
const memoryMiBMax = 200

/** A module to preload: writes the peak memory of the process to a file, in KiB. */
const memoryProbe =
  "const { writeFileSync } = require('node:fs')\n" +
  "process.on('exit', () => writeFileSync(process.env.PEAK_MEMORY_FILE, String(process.resourceUsage().maxRSS)))\n"

/** Runs a command; returns its exit code, its output, and its peak memory. */
const runWithMemory = async (dir: string, args: ReadonlyArray<string>) => {
  const scratchDir = temporaryDirectory()
  const probePath = join(scratchDir, 'probe.cjs')
  const peakPath = join(scratchDir, 'peak-memory')
  writeFileSync(probePath, memoryProbe)
  const { status, stdout } = await runChecked(dir, args, {
    NODE_OPTIONS: `--require ${probePath}`,
    PEAK_MEMORY_FILE: peakPath,
  })
  return { exit: status, printed: JSON.parse(stdout) as unknown, mib: Number(readFileSync(peakPath, 'utf8')) / 1024 }
}

describe('2 GiB without a newline', () => {
  it.each([
    { what: 'zeros', bytes: () => Buffer.alloc(0), line: 1 },
    { what: 'zeros after the beginning of a line', bytes: () => Buffer.from('{"seq":'), line: 1 },
    { what: 'zeros after a valid log', bytes: writeSampleLog, line: 201 },
  ])(`are reported as damage with less than ${memoryMiBMax} MiB of memory: $what`, async ({ bytes, line }) => {
    const start = await bytes()
    const dir = newLogDirectory(start)
    const path = join(dir, logFileName)
    truncateSync(path, twoGiB)
    const offset = line === 1 ? 0 : start.length
    const read = await withLog(dir, log => readLog(log, 0))
    expect(read).toMatchObject({
      text: line === 1 ? '' : start.toString(),
      end: { failure: 'LogDamaged', line, offset },
    })
    for (const args of [...readCommands, claim]) {
      const { exit, printed, mib } = await runWithMemory(dir, args)
      expect({ exit, printed }).toMatchObject({ exit: 7, printed: { error: 'log_damaged', path, line, offset } })
      expect(mib).toBeLessThan(memoryMiBMax)
    }
    expect(lstatSync(path).size).toBe(twoGiB)
    expect(readdirSync(dir)).toEqual([logFileName])
  })
})
