import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Event } from '../events/index.ts'
import { listInputProblems } from './bad-input.ts'
import type { Refusal } from './refusal.ts'
import type { Time } from '../values/scalars.ts'
import { emptyState } from '../state/state.ts'
import { commandCodec, eventMetadata } from './command.ts'
import { openWorkspace } from './open-workspace.ts'
import { laterTime, timeFromMs } from '../time/clock.ts'

/**
 * Repairs a damaged log. `workspace` is the id of the new workspace if even the first line is lost. Unlike other
 * commands it is not decided in a state: a log that cannot be read has none.
 */
const RecordRepair = commandCodec('repair', { workspace: t.string }, {})
export type RecordRepair = t.TypeOf<typeof RecordRepair>

/** The facts of a repair: where the log was cut, and the file with the part that was cut off. */
export type RepairDetails = {
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
const reasonLengthMax = 500

/**
 * The events that record a repair: one `repaired` for each seq up to `spentSeq`, and at least one. A log that lost its
 * first line begins with a new `opened`. Refuses names that cannot be written to the log.
 */
export const recordRepair = (command: RecordRepair): E.Either<Refusal, (details: RepairDetails) => Iterable<Event>> => {
  const decoded = RecordRepair.decode(RecordRepair.encode(command))
  return E.isLeft(decoded)
    ? E.left({ error: 'bad_input', detail: listInputProblems(decoded.left, false) })
    : E.right(details => repairEvents(command, details))
}

/** The seqs of the `repaired` events: from the first that was lost, or from 2 in a new log. */
export const getRepairedSeqs = ({
  keptSeq,
  spentSeq,
}: Pick<RepairDetails, 'keptSeq' | 'spentSeq'>): { readonly first: number; readonly last: number } => {
  const first = keptSeq === 0 ? 2 : keptSeq + 1
  return { first, last: Math.max(first, spentSeq) }
}

const repairEvents = function* (command: RecordRepair, details: RepairDetails): Generator<Event> {
  const { keptSeq, keptTime = '', reason, quarantine } = details
  const wallTime = timeFromMs(command.nowMs)
  const time = laterTime(wallTime, keptTime)
  const metadata = { ...eventMetadata(command, time), clock: time === wallTime ? undefined : wallTime }
  const opened = keptSeq === 0 ? openWorkspace({ ...command, command: 'open' }, emptyState()) : undefined
  if (opened !== undefined && E.isRight(opened)) yield* opened.right.events
  const { first, last } = getRepairedSeqs(details)
  const { name, offset, bytes, sha256 } = quarantine
  const reasonFields = { reason: reason.slice(0, reasonLengthMax), offset, bytes, sha256 }
  yield { seq: first, event: 'repaired', quarantine: name, ...reasonFields, ...metadata }
  // Lazily: there can be millions.
  for (let seq = first + 1; seq <= last; seq += 1) yield { seq, event: 'repaired', quarantine: name, ...metadata }
}
