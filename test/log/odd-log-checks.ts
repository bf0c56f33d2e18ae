import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DamageCause } from '@claimlog/event-log'
import { logFileName, tornFileName } from '@claimlog/event-log-file'
import type { Event } from '@claimlog/domain'
import { expect } from 'vitest'
import { claimlogPath, cleanEnvironment, type ProcessResult, temporaryDirectory } from '../support/claimlog-process.ts'
import { expectOutputSchema } from '../support/output-schemas.ts'
import { withLog, readLog, appendEvent } from './log-copy.ts'

/** Long enough for any command on a busy machine; a command that takes longer hangs, and is killed. */
const commandMsMax = 60_000

/**
 * Runs `claimlog` with `args` on the workspace in `dir`. Throws if it hangs, prints a stack trace, or prints JSON that
 * does not match the published schemas.
 */
export const runChecked = async (
  dir: string,
  args: ReadonlyArray<string>,
  env: Record<string, string> = {},
): Promise<ProcessResult> => {
  const result = await new Promise<ProcessResult>(resolve => {
    const options = { cwd: dir, env: cleanEnvironment(env), timeout: commandMsMax, killSignal: 'SIGKILL' as const }
    const child = execFile(process.execPath, [claimlogPath, ...args, '--dir', dir], options, (_, stdout, stderr) =>
      resolve({ status: child.exitCode, stdout, stderr }),
    )
    child.stdin?.end()
  })
  const { status, stdout, stderr } = result
  expect({ args, hangs: status === null, trace: /^ {4}at .*$/m.exec(stderr)?.[0] }).toEqual({
    args,
    hangs: false,
  })
  expectOutputSchema(args, stdout)
  return result
}

/** Read-only commands with JSON output. */
export const readCommands = ['list', 'verify', 'status'].map(name => [name, '--json'])
const claim = ['claim', 'ann']

type PrintedJson = Readonly<Record<string, unknown>>

/** The result of a command: its exit code and output. */
export type OddLogOutput = { readonly exit: number | null; readonly printed: PrintedJson; readonly stderr: string }

/** Runs several commands in parallel. */
export const runAll = (
  dir: string,
  commands: ReadonlyArray<ReadonlyArray<string>>,
): Promise<ReadonlyArray<OddLogOutput>> =>
  Promise.all(
    commands.map(async args => {
      const { status, stdout, stderr } = await runChecked(dir, args)
      return { exit: status, printed: JSON.parse(stdout) as PrintedJson, stderr }
    }),
  )

/** Creates a directory whose log holds `bytes`; deleted after the test. */
export const newLogDirectory = (bytes: Uint8Array): string => {
  const dir = temporaryDirectory()
  writeFileSync(join(dir, logFileName), bytes)
  return dir
}

/** Reads the log and its torn tail, as Latin-1: one character per byte. */
export const readLogFiles = (dir: string): { readonly log: string; readonly torn: string | undefined } => {
  const tornPath = join(dir, tornFileName)
  return {
    log: readFileSync(join(dir, logFileName), 'latin1'),
    torn: existsSync(tornPath) ? readFileSync(tornPath, 'latin1') : undefined,
  }
}

const unexpectedWrite = (): Event => {
  throw new Error('a writer was not stopped')
}

/** The failure that a log must cause: its position, and a part of its message. */
export type ExpectedFailure = {
  readonly failure: 'LogDamaged' | 'UnknownFormat'
  readonly line: number
  readonly offset: number
  readonly messagePart: string
  /** The known cause of the damage. */
  readonly cause?: DamageCause
}

/** Checks that reading and writing with the library and the command line fail as in `expectedFailure`, and change nothing. */
export const expectStopped = async (
  bytes: Buffer,
  validText: string,
  expectedFailure: ExpectedFailure,
): Promise<void> => {
  const { failure, line, offset, messagePart } = expectedFailure
  const cause = expectedFailure.cause === undefined ? {} : { cause: expectedFailure.cause }
  const dir = newLogDirectory(bytes)
  const path = join(dir, logFileName)
  const detail = expect.stringContaining(messagePart) as string
  const failedRead = { text: validText, end: { failure, path, line, offset, detail, ...cause } }
  expect(await withLog(dir, log => readLog(log, 0))).toEqual(failedRead)
  expect(await withLog(dir, log => appendEvent(log, 0, unexpectedWrite))).toEqual(failedRead)
  const error = failure === 'LogDamaged' ? 'log_damaged' : 'unknown_format'
  const message = expect.stringContaining(messagePart) as string
  const hint = expect.any(String) as string
  const outputs: OddLogOutput = {
    exit: 7,
    printed: { ok: false, error, message, hint, path, line, offset, ...cause },
    stderr: '',
  }
  const commands = [...readCommands, claim]
  expect(await runAll(dir, commands)).toEqual(commands.map(() => outputs))
  expect(readLogFiles(dir)).toEqual({ log: bytes.toString('latin1'), torn: undefined })
}

/**
 * Checks that the library and the command line read the `seq` complete lines `validText` (or `decodedText`, if they are decoded
 * differently), and that the next writer moves the bytes after them to `events.torn`. Returns the directory of the log.
 */
export const expectRead = async (
  bytes: Buffer,
  validText: string,
  seq: number,
  decodedText = validText,
): Promise<string> => {
  const dir = newLogDirectory(bytes)
  expect(await withLog(dir, log => readLog(log, 0))).toEqual({ text: decodedText, end: seq })
  const tail = bytes.subarray(Buffer.byteLength(validText)).toString('latin1')
  const outputs = await runAll(dir, readCommands)
  expect(outputs.map(({ exit, printed, stderr }) => [exit, printed.seq, stderr])).toEqual(
    readCommands.map(() => [0, seq, '']),
  )
  expect(outputs[1]?.printed).toMatchObject({ ok: true, unfinished_bytes: tail.length })
  expect(readLogFiles(dir)).toEqual({ log: bytes.toString('latin1'), torn: undefined })
  const [claimOutput] = await runAll(dir, [claim])
  expect(claimOutput).toMatchObject({ exit: 0, printed: { ok: true, seq: seq + 1 } })
  const { log, torn } = readLogFiles(dir)
  const before = bytes.toString('latin1', 0, Buffer.byteLength(validText))
  expect(log.startsWith(before)).toBe(true)
  expect(log.slice(before.length)).toMatch(new RegExp(`^\\{"seq":${seq + 1},"event":"claimed".*\\}\\n$`))
  expect(torn).toBe(tail === '' ? undefined : `${tail}\n`)
  return dir
}

/** Checks that the library and the command line find no workspace in the log, and change nothing. */
export const expectNoWorkspace = async (bytes: Buffer): Promise<void> => {
  const dir = newLogDirectory(bytes)
  expect(await withLog(dir, log => readLog(log, 0))).toEqual({ text: '', end: 0 })
  const commands = [...readCommands, claim]
  const outputs = await runAll(dir, commands)
  expect(outputs.map(({ exit, printed }) => [exit, printed.error])).toEqual(commands.map(() => [2, 'no_workspace']))
  expect(readLogFiles(dir)).toEqual({ log: bytes.toString('latin1'), torn: undefined })
}
