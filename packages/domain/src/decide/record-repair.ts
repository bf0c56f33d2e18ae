import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { explainErrors } from '@claimlog/codecs'
import type { Event } from '../events/index.ts'
import type { Refusal } from './refusal.ts'
import type { Time } from '../values/scalars.ts'
import { emptyState } from '../state/state.ts'
import { commandCodec, stampOf } from './command.ts'
import { openWorkspace } from './open-workspace.ts'
import { later, timeOf } from '../time/clock.ts'

/**
 * Repairs a damaged log. `workspace` is the id of the new workspace if even the first line is lost. Unlike other
 * commands it is not decided in a state: a log that cannot be read has none.
 */
const RecordRepair = commandCodec('repair', { workspace: t.string }, {})
export type RecordRepair = t.TypeOf<typeof RecordRepair>

/** The facts of a repair: where the log was cut, and the file with the part that was cut off. */
export type FoundRepair = {
  /** The `seq` of the last event that is kept; 0: none is. */
  readonly keptSeq: number
  readonly keptTime: Time | undefined
  /** The highest seq that may have been given out. */
  readonly spentSeq: number
  readonly reason: string
  readonly quarantine: {
    readonly name: string
    readonly offset: number
    readonly bytes: number
    readonly sha256: string
  }
}

/** Some reasons quote a line; the event must stay shorter than the maximum line. */
const maxReason = 500

/**
 * The events that record a repair: one `repaired` for each seq up to `spentSeq`, and at least one. A log that lost its
 * first line begins with a new `opened`. Refuses names that cannot be written to the log.
 */
export const recordRepair = (command: RecordRepair): E.Either<Refusal, (found: FoundRepair) => Iterable<Event>> => {
  const decoded = RecordRepair.decode(RecordRepair.encode(command))
  return E.isLeft(decoded)
    ? E.left({ error: 'bad_input', detail: explainErrors(decoded.left) })
    : E.right(found => repairEvents(command, found))
}

/** The seqs of the `repaired` events: from the first that was lost, or from 2 in a new log. */
export const repairedSeqs = ({
  keptSeq,
  spentSeq,
}: Pick<FoundRepair, 'keptSeq' | 'spentSeq'>): { readonly first: number; readonly last: number } => {
  const first = keptSeq === 0 ? 2 : keptSeq + 1
  return { first, last: Math.max(first, spentSeq) }
}

const repairEvents = function* (command: RecordRepair, found: FoundRepair): Generator<Event> {
  const { keptSeq, keptTime = '', reason, quarantine } = found
  const wall = timeOf(command.nowMs)
  const time = later(wall, keptTime)
  const stamp = { ...stampOf(command, time), clock: time === wall ? undefined : wall }
  const opened = keptSeq === 0 ? openWorkspace({ ...command, command: 'open' }, emptyState()) : undefined
  if (opened !== undefined && E.isRight(opened)) yield* opened.right.events
  const { first, last } = repairedSeqs(found)
  const { name, offset, bytes, sha256 } = quarantine
  const why = { reason: reason.slice(0, maxReason), offset, bytes, sha256 }
  yield { seq: first, event: 'repaired', quarantine: name, ...why, ...stamp }
  // Lazily: there can be millions.
  for (let seq = first + 1; seq <= last; seq += 1) yield { seq, event: 'repaired', quarantine: name, ...stamp }
}
