import * as E from 'fp-ts/lib/Either.js'
import type { DamageCause, HistoryChanged, LogDamaged, ReadFailure } from '@claimlog/event-log'
import type { EventCodec } from './event-codec.ts'
import { sha256Hex } from './sha256.ts'

/**
 * A position between two decisions: at byte `offset`, after line `seq`, which starts at `lineOffset` and has `hash`.
 */
export type LogPosition = {
  readonly seq: number
  readonly lineOffset: number
  readonly offset: number
  readonly hash: string
}

export const startOfLog: LogPosition = { seq: 0, lineOffset: 0, offset: 0, hash: '' }

/** The maximum size of a line, including its newline. */
export const lineBytesMax = 1024 * 1024

const hashDigits = 32
const hashField = ',"hash":"'
const moreField = ',"more":true'
/** `,"hash":"` + digits + `"}` */
const hashFieldLength = hashField.length + hashDigits + 2

/**
 * The hash of a line: the first 128 bits of SHA-256, as 32 hex digits, over the UTF-8 bytes of the previous line's
 * digits (nothing for line 1) followed by this line's JSON text without its hash field.
 */
const hashLine = (previousHash: string, text: string): string => sha256Hex(previousHash + text).slice(0, hashDigits)

/** A line ready to be written, and its hash, to which the next line is chained. */
export type EncodedLine = { readonly line: string; readonly hash: string }

/** Makes a line from the JSON text of an event. `more`: the decision continues on the next line. */
export const encodeLine = (previousHash: string, json: string, more: boolean): EncodedLine => {
  const open = more ? json.slice(0, -1) + moreField : json.slice(0, -1)
  const hash = hashLine(previousHash, `${open}}`)
  return { line: `${open}${hashField}${hash}"}\n`, hash }
}

/** The hash at the end of a line (without its newline); undefined: it has none, or not as its last field. */
export const readHash = (line: string): string | undefined => {
  const digits = hasHashField(line) ? sliceHash(line) : ''
  return hexDigits.test(digits) ? digits : undefined
}
const hexDigits = /^[0-9a-f]{32}$/

/** The hash of a line that is known to have one. */
export const sliceHash = (line: string): string => line.slice(-hashDigits - 2, -2)

/** The JSON of a line without its hash. */
export const stripHash = (line: string): string => `${line.slice(0, -hashFieldLength)}}`

const hasHashField = (line: string): boolean => {
  const start = line.length - hashFieldLength
  return start > 0 && line.startsWith(hashField, start) && line.endsWith('"}')
}

/** True if `line` (without its newline) has the hash that must follow `previousHash`. */
export const isChained = (previousHash: string, line: string): boolean =>
  hasHashField(line) &&
  line.startsWith(hashLine(previousHash, `${line.slice(0, -hashFieldLength)}}`), line.length - hashDigits - 2)

/** True if the decision continues after this line. Requires the field order of {@link encodeLine}. */
export const isContinued = (line: string): boolean =>
  line.startsWith(moreField, line.length - hashFieldLength - moreField.length)

/** The failure of the line after `position`. */
export const damageFailure = (
  path: string,
  { seq, offset }: LogPosition,
  detail: string,
  cause?: DamageCause,
): LogDamaged => ({
  failure: 'LogDamaged',
  path,
  line: seq + 1,
  offset,
  detail,
  ...(cause === undefined ? {} : { cause }),
})

/**
 * The failure of a log that has no whole line after `position`, although it was read up to `seq` before: a failed
 * fsync, for example, lost the rest.
 */
export const lostLinesFailure = (path: string, position: LogPosition, seq: number): HistoryChanged => ({
  failure: 'HistoryChanged',
  path,
  line: position.seq + 1,
  offset: position.offset,
  detail: `no whole line follows line ${position.seq}, but lines up to ${seq} were there before`,
})

/** Parses the line after `position`: its event, and whether its decision continues on the next line. */
export const parseLine = <A>(
  path: string,
  codec: EventCodec<A>,
  position: LogPosition,
  line: string,
): E.Either<ReadFailure, { readonly event: A; readonly more: boolean }> => {
  const seq = position.seq + 1
  const json = parse(line) as { readonly seq?: unknown; readonly more?: unknown } | undefined
  if (json === undefined) return E.left(damageFailure(path, position, 'it is not JSON'))
  if (json.seq !== seq) return E.left(damageFailure(path, position, describeSeqMismatch(json.seq, seq)))
  const event = codec.decode(json)
  if (E.isRight(event)) return E.right({ event: event.right, more: json.more === true })
  const { _tag, detail } = event.left
  if (_tag === 'Malformed') return E.left(damageFailure(path, position, detail))
  return E.left({ failure: 'UnknownFormat', path, line: seq, offset: position.offset, detail })
}

const parse = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** Describes a wrong seq. An object is not printed: it may be nested too deeply. */
const describeSeqMismatch = (actualSeq: unknown, seq: number): string =>
  typeof actualSeq === 'object' && actualSeq !== null
    ? 'its seq is not a number'
    : `its seq is ${String(actualSeq)}, not ${seq}`

/** Describes why a line is not chained to the one before it. */
export const describeChainBreak = (line: string, seq: number): string => {
  if (readHash(line) === undefined) return 'it does not end in a hash'
  const actualSeq = (parse(line) as { readonly seq?: unknown } | null | undefined)?.seq
  return typeof actualSeq === 'number' && actualSeq !== seq
    ? `its seq is ${actualSeq}, not ${seq}: lines were added, removed or moved`
    : 'its hash does not match: this line was changed, or the one before it'
}
