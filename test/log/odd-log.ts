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

/** Long enough for any answer on a busy machine; a command that takes longer hangs, and is killed. */
const longestAnswerMs = 60_000

/**
 * Runs `claimlog` with `words` on the workspace in `dir`. Throws where it hangs, prints a stack trace, or prints JSON that
 * is not what the published schemas say.
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

/** The commands that only look, as JSON. */
export const looks = ['list', 'verify', 'status'].map(name => [name, '--json'])
const claim = ['claim', 'ann']

type Document = Readonly<Record<string, unknown>>

/** What a command came to: its exit code, and what it printed. */
export type Came = { readonly exit: number | null; readonly printed: Document; readonly told: string }

/** Asks each of several commands at once. */
export const askAll = (dir: string, commands: ReadonlyArray<ReadonlyArray<string>>): Promise<ReadonlyArray<Came>> =>
  Promise.all(
    commands.map(async words => {
      const { status, stdout, stderr } = await ask(dir, words)
      return { exit: status, printed: JSON.parse(stdout) as Document, told: stderr }
    }),
  )

/** A directory whose log holds `bytes`, gone after the test. */
export const directoryWith = (bytes: Uint8Array): string => {
  const dir = temporaryDirectory()
  writeFileSync(join(dir, logFileName), bytes)
  return dir
}

/** The log and what was set aside of it, a character a byte. */
export const filesOf = (dir: string): { readonly log: string; readonly torn: string | undefined } => {
  const tornPath = join(dir, tornFileName)
  return {
    log: readFileSync(join(dir, logFileName), 'latin1'),
    torn: existsSync(tornPath) ? readFileSync(tornPath, 'latin1') : undefined,
  }
}

const never = (): Event => {
  throw new Error('a writer was let in')
}

/** A log that must stop everybody: where, and what the message says of it. */
export type Stop = {
  readonly failure: 'LogDamaged' | 'UnknownFormat'
  readonly line: number
  readonly offset: number
  readonly says: string
  /** What is known of how it came to be so. */
  readonly cause?: DamageCause
}

/** Asks the library and the command line, to read and to write: all are stopped as `stop` says, and nothing changes. */
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
 * Asks the library and the command line: the log reads as its whole lines `sound`, `seq` of them, or as `readAs` where
 * that is not the same, and the next writer sets what comes after them aside. Answers where that log is.
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

/** Asks the library and the command line: the log holds no workspace yet, and nothing changes. */
export const expectNoWorkspace = async (bytes: Buffer): Promise<void> => {
  const dir = directoryWith(bytes)
  expect(await inLog(dir, log => readAfter(log, 0))).toEqual({ text: '', end: 0 })
  const commands = [...looks, claim]
  const came = await askAll(dir, commands)
  expect(came.map(({ exit, printed }) => [exit, printed.error])).toEqual(commands.map(() => [2, 'no_workspace']))
  expect(filesOf(dir)).toEqual({ log: bytes.toString('latin1'), torn: undefined })
}
