import * as E from 'fp-ts/lib/Either.js'
import type { DamageCause, HistoryChanged, LogDamaged, ReadFailure } from '@claimlog/event-log'
import type { EventCodec } from './event-codec.ts'
import { hashOf } from './line.ts'
import type { Position } from './position.ts'

/** The failure of the line that follows `place`. */
export const damagedAfter = (
  path: string,
  { seq, offset }: Position,
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

/** The failure of a log in which nothing whole follows `place`, though it was read up to `seq` before: what a failed sync lost, for one. */
export const lostAfter = (path: string, place: Position, seq: number): HistoryChanged => ({
  failure: 'HistoryChanged',
  path,
  line: place.seq + 1,
  offset: place.offset,
  detail: `nothing whole follows line ${place.seq}, but lines up to ${seq} were there before`,
})

/** The event of the line that follows `place`, and whether its decision goes on with the next line. */
export const parseLine = <A>(
  path: string,
  codec: EventCodec<A>,
  place: Position,
  line: string,
): E.Either<ReadFailure, { readonly event: A; readonly more: boolean }> => {
  const seq = place.seq + 1
  const json = parse(line) as { readonly seq?: unknown; readonly more?: unknown } | undefined
  if (json === undefined) return E.left(damagedAfter(path, place, 'it is not JSON'))
  if (json.seq !== seq) return E.left(damagedAfter(path, place, seqProblem(json.seq, seq)))
  const event = codec.decode(json)
  if (E.isRight(event)) return E.right({ event: event.right, more: json.more === true })
  const { tag, detail } = event.left
  if (tag === 'Malformed') return E.left(damagedAfter(path, place, detail))
  return E.left({ failure: 'UnknownFormat', path, line: seq, offset: place.offset, detail })
}

const parse = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** What is nested may be nested too deep to be shown. */
const seqProblem = (carried: unknown, seq: number): string =>
  typeof carried === 'object' && carried !== null
    ? 'it carries a seq that is no number'
    : `it carries seq ${String(carried)}, not ${seq}`

/** Why a line is not the one that follows, in words. */
export const chainProblem = (line: string, seq: number): string => {
  if (hashOf(line) === undefined) return 'it does not end in a hash'
  const carried = (parse(line) as { readonly seq?: unknown } | null | undefined)?.seq
  return typeof carried === 'number' && carried !== seq
    ? `it carries seq ${carried}, not ${seq}: lines were added, removed or moved`
    : 'its hash does not match: this line was changed, or the one before it'
}
