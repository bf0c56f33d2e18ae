import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Event, lineCodec, type Refusal, repairedSeqs } from '@claimlog/domain'
import type { ReadFailure } from '@claimlog/event-log'
import { keepSide, type KeptSide, type MergedLog, planSides, type RepairFailure } from '@claimlog/event-log-file'
import { logOptions, readRepaired, type RepairCall, repairRecorder } from './repair-call.ts'

/** A log that copies were merged into, and the events of each side, as far as the sides differ. */
export type SideList<A> = { readonly log: MergedLog; readonly tails: ReadonlyArray<ReadonlyArray<A>> }

/** A merged log that goes on with one of its sides. */
export type KeptLog = KeptSide & {
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
export const listSides = <A extends { readonly seq: number }>(
  dir: string,
  summarize: (event: Event) => A,
): TE.TaskEither<ReadFailure, SideList<A> | undefined> => {
  const events: Array<Array<A>> = []
  return pipe(
    planSides<Event>({ dir, codec: lineCodec }, (side, taken) => {
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
export const chooseSide = (
  call: RepairCall,
  keep: number,
): TE.TaskEither<RepairFailure | Refusal, KeptLog | undefined> =>
  pipe(
    TE.fromEither(repairRecorder(call)),
    TE.chainW(events =>
      keepSide<Event>(logOptions(call), keep, ({ keptSeq, spentSeq, damage, quarantine, lastKept }) =>
        events({ keptSeq, keptTime: lastKept.time, spentSeq, reason: damage.detail, quarantine }),
      ),
    ),
    TE.chainW(kept => (kept?.log === 'merged' ? readKept(call, kept) : TE.right(undefined))),
  )

const readKept = (call: RepairCall, kept: KeptSide): TE.TaskEither<ReadFailure, KeptLog> =>
  pipe(
    readRepaired(call),
    TE.map(tasks => ({
      ...kept,
      lines: kept.sides.reduce((lines, side) => lines + side.seq - kept.commonSeq, kept.strayLines),
      spent: repairedSeqs({ keptSeq: kept.keptSeq, spentSeq: kept.seq }),
      tasks,
    })),
  )
