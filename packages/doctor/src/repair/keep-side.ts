import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Event, lineCodec, type Refusal, getRepairedSeqs } from '@claimlog/domain'
import type { ReadFailure } from '@claimlog/event-log'
import * as fileLog from '@claimlog/event-log-file'
import { repairLogOptions, readRepairedLog, type RepairRequest, buildRepairEvents } from './repair-request.ts'

/** A log that git merged from copies, and the events of each side after they diverged. */
export type SidePlan<A> = { readonly log: fileLog.MergedLog; readonly tails: ReadonlyArray<ReadonlyArray<A>> }

/** A merged log that was repaired by keeping one side. */
export type KeepSideResult = fileLog.KeptSide & {
  /** The number of lines in the quarantine file. */
  readonly lines: number
  /** The seqs of the `repaired` events. */
  readonly spent: ReturnType<typeof getRepairedSeqs>
  readonly tasks: number
}

/**
 * Finds the sides of a merged log in `dir`, with a summary of each event; undefined if the log was not merged.
 * Read-only.
 */
export const planSides = <A extends { readonly seq: number }>(
  dir: string,
  summarize: (event: Event) => A,
): TE.TaskEither<ReadFailure, SidePlan<A> | undefined> => {
  const events: Array<Array<A>> = []
  return pipe(
    fileLog.planSides<Event>({ dir, codec: lineCodec }, (side, newEvents) => {
      const sideEvents = (events[side - 1] ??= [])
      for (const event of newEvents) sideEvents.push(summarize(event))
    }),
    TE.map(log => log && { log, tails: events.map(sideEvents => sideEvents.filter(({ seq }) => seq > log.commonSeq)) }),
  )
}

/**
 * Repairs a merged log by keeping `side` (from 1), and updates `queue.json`; undefined if the log no longer has
 * such a side, and nothing was changed.
 */
export const keepSide = (
  request: RepairRequest,
  side: number,
): TE.TaskEither<fileLog.RepairFailure | Refusal, KeepSideResult | undefined> =>
  pipe(
    TE.fromEither(buildRepairEvents(request)),
    TE.chainW(events =>
      fileLog.keepSide<Event>(repairLogOptions(request), side, ({ keptSeq, spentSeq, damage, quarantine, lastKept }) =>
        events({ keptSeq, keptTime: lastKept.time, spentSeq, reason: damage.detail, quarantine }),
      ),
    ),
    TE.chainW(keptSide => (keptSide?._tag === 'merged' ? addSideCounts(request, keptSide) : TE.right(undefined))),
  )

const addSideCounts = (
  request: RepairRequest,
  keptSide: fileLog.KeptSide,
): TE.TaskEither<ReadFailure, KeepSideResult> =>
  pipe(
    readRepairedLog(request),
    TE.map(tasks => ({
      ...keptSide,
      lines: keptSide.sides.reduce((lines, side) => lines + side.seq - keptSide.commonSeq, keptSide.strayLines),
      spent: getRepairedSeqs({ keptSeq: keptSide.keptSeq, spentSeq: keptSide.seq }),
      tasks,
    })),
  )
