import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DamageCause } from '@claimlog/event-log'
import { logFileName, tornFileName } from '@claimlog/event-log-file'
import type { Event } from '@claimlog/domain'
import { expect } from 'vitest'
import { claimlogPath, cleanEnvironment, type Finished, temporaryDirectory } from '../support/claimlog-process.ts'
import { expectDescribed } from '../support/output-schemas.ts'
import { inLog, readAfter, writeAfter } from './log-copy.ts'

/** Long enough for any command on a busy machine; a command that takes longer hangs, and is killed. */
const longestAnswerMs = 60_000

/**
 * Runs `claimlog` with `words` on the workspace in `dir`. Throws if it hangs, prints a stack trace, or prints JSON that
 * does not match the published schemas.
 */
export const ask = async (
  dir: string,
  words: ReadonlyArray<string>,
  env: Record<string, string> = {},
): Promise<Finished> => {
  const finished = await new Promise<Finished>(resolve => {
    const options = { cwd: dir, env: cleanEnvironment(env), timeout: longestAnswerMs, killSignal: 'SIGKILL' as const }
    const child = execFile(process.execPath, [claimlogPath, ...words, '--dir', dir], options, (_, stdout, stderr) =>
      resolve({ status: child.exitCode, stdout, stderr }),
    )
    child.stdin?.end()
  })
  const { status, stdout, stderr } = finished
  expect({ words, hangs: status === null, trace: /^ {4}at .*$/m.exec(stderr)?.[0] }).toEqual({ words, hangs: false })
  expectDescribed(words, stdout)
  return finished
}

/** Read-only commands with JSON output. */
export const looks = ['list', 'verify', 'status'].map(name => [name, '--json'])
const claim = ['claim', 'ann']

type Document = Readonly<Record<string, unknown>>

/** The result of a command: its exit code and output. */
export type Came = { readonly exit: number | null; readonly printed: Document; readonly told: string }

/** Runs several commands in parallel. */
export const askAll = (dir: string, commands: ReadonlyArray<ReadonlyArray<string>>): Promise<ReadonlyArray<Came>> =>
  Promise.all(
    commands.map(async words => {
      const { status, stdout, stderr } = await ask(dir, words)
      return { exit: status, printed: JSON.parse(stdout) as Document, told: stderr }
    }),
  )

/** Creates a directory whose log holds `bytes`; deleted after the test. */
export const directoryWith = (bytes: Uint8Array): string => {
  const dir = temporaryDirectory()
  writeFileSync(join(dir, logFileName), bytes)
  return dir
}

/** Reads the log and its torn tail, as Latin-1: one character per byte. */
export const filesOf = (dir: string): { readonly log: string; readonly torn: string | undefined } => {
  const tornPath = join(dir, tornFileName)
  return {
    log: readFileSync(join(dir, logFileName), 'latin1'),
    torn: existsSync(tornPath) ? readFileSync(tornPath, 'latin1') : undefined,
  }
}

const never = (): Event => {
  throw new Error('a writer was not stopped')
}

/** The failure that a log must cause: its position, and a part of its message. */
export type Stop = {
  readonly failure: 'LogDamaged' | 'UnknownFormat'
  readonly line: number
  readonly offset: number
  readonly says: string
  /** The known cause of the damage. */
  readonly cause?: DamageCause
}

/** Checks that reading and writing with the library and the command line fail as in `stop`, and change nothing. */
export const expectStopped = async (bytes: Buffer, sound: string, stop: Stop): Promise<void> => {
  const { failure, line, offset, says } = stop
  const cause = stop.cause === undefined ? {} : { cause: stop.cause }
  const dir = directoryWith(bytes)
  const path = join(dir, logFileName)
  const detail = expect.stringContaining(says) as string
  const stopped = { text: sound, end: { failure, path, line, offset, detail, ...cause } }
  expect(await inLog(dir, log => readAfter(log, 0))).toEqual(stopped)
  expect(await inLog(dir, log => writeAfter(log, 0, never))).toEqual(stopped)
  const error = failure === 'LogDamaged' ? 'log_damaged' : 'unknown_format'
  const message = expect.stringContaining(says) as string
  const hint = expect.any(String) as string
  const came: Came = { exit: 7, printed: { ok: false, error, message, hint, path, line, offset, ...cause }, told: '' }
  const commands = [...looks, claim]
  expect(await askAll(dir, commands)).toEqual(commands.map(() => came))
  expect(filesOf(dir)).toEqual({ log: bytes.toString('latin1'), torn: undefined })
}

/**
 * Checks that the library and the command line read the `seq` complete lines `sound` (or `readAs`, if they are decoded
 * differently), and that the next writer moves the bytes after them to `events.torn`. Returns the directory of the log.
 */
export const expectRead = async (bytes: Buffer, sound: string, seq: number, readAs = sound): Promise<string> => {
  const dir = directoryWith(bytes)
  expect(await inLog(dir, log => readAfter(log, 0))).toEqual({ text: readAs, end: seq })
  const tail = bytes.subarray(Buffer.byteLength(sound)).toString('latin1')
  const came = await askAll(dir, looks)
  expect(came.map(({ exit, printed, told }) => [exit, printed.seq, told])).toEqual(looks.map(() => [0, seq, '']))
  expect(came[1]?.printed).toMatchObject({ ok: true, unfinished_bytes: tail.length })
  expect(filesOf(dir)).toEqual({ log: bytes.toString('latin1'), torn: undefined })
  const [claimed] = await askAll(dir, [claim])
  expect(claimed).toMatchObject({ exit: 0, printed: { ok: true, seq: seq + 1 } })
  const { log, torn } = filesOf(dir)
  const before = bytes.toString('latin1', 0, Buffer.byteLength(sound))
  expect(log.startsWith(before)).toBe(true)
  expect(log.slice(before.length)).toMatch(new RegExp(`^\\{"seq":${seq + 1},"event":"claimed".*\\}\\n$`))
  expect(torn).toBe(tail === '' ? undefined : `${tail}\n`)
  return dir
}

/** Checks that the library and the command line find no workspace in the log, and change nothing. */
export const expectNoWorkspace = async (bytes: Buffer): Promise<void> => {
  const dir = directoryWith(bytes)
  expect(await inLog(dir, log => readAfter(log, 0))).toEqual({ text: '', end: 0 })
  const commands = [...looks, claim]
  const came = await askAll(dir, commands)
  expect(came.map(({ exit, printed }) => [exit, printed.error])).toEqual(commands.map(() => [2, 'no_workspace']))
  expect(filesOf(dir)).toEqual({ log: bytes.toString('latin1'), torn: undefined })
}
