import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Event, lineCodec, type Refusal, repairedSeqs } from '@claimlog/domain'
import type { ReadFailure } from '@claimlog/event-log'
import * as fileLog from '@claimlog/event-log-file'
import { logOptions, readRepaired, type RepairCall, repairRecorder } from './repair-call.ts'

/** A log that copies were merged into, and the events of each side, as far as the sides differ. */
export type SidePlan<A> = { readonly log: fileLog.MergedLog; readonly tails: ReadonlyArray<ReadonlyArray<A>> }

/** A merged log that goes on with one of its sides. */
export type KeptSide = fileLog.KeptSide & {
  /** How many lines are kept in the quarantine file. */
  readonly lines: number
  /** The seqs of the events "repaired". */
  readonly spent: ReturnType<typeof repairedSeqs>
  readonly tasks: number
}

/**
 * Finds the sides of the log in `dir`, with what `summarize` makes of their events; undefined: no copies were merged into
 * it. Changes nothing.
 */
export const planSides = <A extends { readonly seq: number }>(
  dir: string,
  summarize: (event: Event) => A,
): TE.TaskEither<ReadFailure, SidePlan<A> | undefined> => {
  const events: Array<Array<A>> = []
  return pipe(
    fileLog.planSides<Event>({ dir, codec: lineCodec }, (side, taken) => {
      const own = (events[side - 1] ??= [])
      for (const event of taken) own.push(summarize(event))
    }),
    TE.map(log => log && { log, tails: events.map(own => own.filter(({ seq }) => seq > log.commonSeq)) }),
  )
}

/**
 * Has a merged log go on with side `keep` (from 1), and brings `queue.json` to what it says now; undefined: it has no such
 * side any more, and nothing was done.
 */
export const keepSide = (
  call: RepairCall,
  keep: number,
): TE.TaskEither<fileLog.RepairFailure | Refusal, KeptSide | undefined> =>
  pipe(
    TE.fromEither(repairRecorder(call)),
    TE.chainW(events =>
      fileLog.keepSide<Event>(logOptions(call), keep, ({ keptSeq, spentSeq, damage, quarantine, lastKept }) =>
        events({ keptSeq, keptTime: lastKept.time, spentSeq, reason: damage.detail, quarantine }),
      ),
    ),
    TE.chainW(kept => (kept?.log === 'merged' ? countKept(call, kept) : TE.right(undefined))),
  )

const countKept = (call: RepairCall, kept: fileLog.KeptSide): TE.TaskEither<ReadFailure, KeptSide> =>
  pipe(
    readRepaired(call),
    TE.map(tasks => ({
      ...kept,
      lines: kept.sides.reduce((lines, side) => lines + side.seq - kept.commonSeq, kept.strayLines),
      spent: repairedSeqs({ keptSeq: kept.keptSeq, spentSeq: kept.seq }),
      tasks,
    })),
  )
