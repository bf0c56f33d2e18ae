import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { identity } from 'fp-ts/lib/function.js'
import { onTestFinished } from 'vitest'
import type { AppendFailure, EventLog, Fold, ReadFailure } from '@claimlog/event-log'
import type { SampleEvent } from '@claimlog/event-log/conformance'
import { createFileLog } from '../src/create-log.ts'
import type { EventCodec } from '@claimlog/event-log-line'
import { type FileLogOptions, openFileLog } from '../src/file-log.ts'

/** A codec for events with one word each. */
export const sampleCodec: EventCodec<SampleEvent> = {
  encode: ({ seq, word }) => JSON.stringify({ seq, event: 'said', word }),
  decode: json => {
    const { seq, event, word } = json as Record<string, unknown>
    if (event !== 'said') return E.left({ _tag: 'Unknown', detail: `event ${String(event)}` })
    if (typeof word !== 'string') return E.left({ _tag: 'Malformed', detail: 'word' })
    return E.right({ seq: seq as number, word })
  },
}

/** The events with these words, numbered from `seq` + 1. */
export const wordEvents = (seq: number, words: ReadonlyArray<string>): ReadonlyArray<SampleEvent> =>
  words.map((word, i) => ({ seq: seq + 1 + i, word }))

/** A directory with an empty log, removed after the test. */
export const createLogDirectory = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'claimlog-log-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  expectRight(createFileLog(dir, true))
  return dir
}

/** A directory whose log has these bytes. */
export const createDirectoryFromBytes = (bytes: Uint8Array): string => {
  const dir = createLogDirectory()
  writeFileSync(logPath(dir), bytes)
  return dir
}

export const logPath = (dir: string): string => join(dir, 'events.jsonl')
export const logBytes = (dir: string): Buffer => readFileSync(logPath(dir))

/** The bytes of the log as text, one character per byte: easy to show, and fast to compare. */
export const logText = (dir: string): string => bytesAsText(logBytes(dir))
export const bytesAsText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

/** The content of `events.torn`; undefined: there is no such file. */
export const tornText = (dir: string): string | undefined => {
  const path = join(dir, 'events.torn')
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

/** The lines of the log, without their newlines. */
export const logLines = (dir: string): ReadonlyArray<string> => logBytes(dir).toString().split('\n').slice(0, -1)

export const openSampleLog = async (
  dir: string,
  options: Partial<FileLogOptions<SampleEvent>> = {},
): Promise<EventLog<SampleEvent>> => expectRight(await openFileLog({ dir, codec: sampleCodec, ...options })())

/** Runs `body` on the log in `dir` and closes it. */
export const withLog = async <A>(
  dir: string,
  body: (log: EventLog<SampleEvent>) => Promise<A>,
  options: Partial<FileLogOptions<SampleEvent>> = {},
): Promise<A> => {
  const log = await openSampleLog(dir, options)
  try {
    return await body(log)
  } finally {
    await log.close()
  }
}

/** Appends decisions of these words to a log that ends at `seq`. */
export const appendDecisions = async (
  log: EventLog<SampleEvent>,
  seq: number,
  decisions: ReadonlyArray<ReadonlyArray<string>>,
): Promise<void> => {
  let end = seq
  for (const words of decisions) {
    expectRight(await log.append(end, wordEvents(end, words))())
    end += words.length
  }
}

/** The bytes of a sound log with these decisions. */
export const buildLog = async (decisions: ReadonlyArray<ReadonlyArray<string>>): Promise<Buffer> => {
  const dir = createLogDirectory()
  await withLog(dir, log => appendDecisions(log, 0, decisions), { durability: 'os' })
  return logBytes(dir)
}

/** Every word in the log, or the failure of reading it. */
export const readWords = async (log: EventLog<SampleEvent>): Promise<ReadonlyArray<string> | ReadFailure> => {
  const words: Array<string> = []
  const end = await log.read(0, events => words.push(...events.map(event => event.word)))()
  return E.isLeft(end) ? end.left : words
}

/** The offset of each event in the log. */
export const readOffsets = async (log: EventLog<SampleEvent>): Promise<ReadonlyArray<number>> => {
  const offsets: Array<number> = []
  expectRight(await log.read(0, (_, batch) => offsets.push(...batch))())
  return offsets
}

/** Appends `word` at the end of the log; returns its seq, or the failure. */
export const appendWord = async (log: EventLog<SampleEvent>, word: string): Promise<number | AppendFailure> => {
  let seq = 0
  const fold: Fold<SampleEvent> = {
    get seq() {
      return seq
    },
    apply: events => {
      seq = events.at(-1)?.seq ?? seq
    },
  }
  const result = await log.transact(fold, () => E.right({ events: wordEvents(seq, [word]) }), identity)()
  return E.isLeft(result) ? result.left : seq
}

export const expectRight = <L, A>(either: E.Either<L, A>): A => {
  if (E.isLeft(either)) throw new Error(`expected success, got ${JSON.stringify(either.left)}`)
  return either.right
}

/**
 * A line as the log's format defines it, made without the log's code: `hash` is the first 128 bits, as 32 hex digits,
 * of SHA-256 over the UTF-8 bytes of the previous line's hash digits followed by this line's JSON text without its
 * hash.
 */
export const formatLine = (previousHash: string, json: string): { readonly line: string; readonly hash: string } => {
  const hash = createHash('sha256')
    .update(Buffer.from(previousHash + json, 'utf8'))
    .digest('hex')
    .slice(0, 32)
  return { line: `${json.slice(0, -1)},"hash":"${hash}"}\n`, hash }
}

/** The hash in the last line of `bytes`. */
export const lastHash = (bytes: Uint8Array): string => Buffer.from(bytes).toString().slice(-35, -3)
