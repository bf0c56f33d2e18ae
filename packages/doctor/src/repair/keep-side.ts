import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Event, lineCodec, type Refusal, getRepairedSeqs } from '@claimlog/domain'
import type { ReadFailure } from '@claimlog/event-log'
import * as fileLog from '@claimlog/event-log-file'
import { logOptions, readRepaired, type RepairCall, repairRecorder } from './repair-call.ts'

/** A log that git merged from copies, and the events of each side after they diverged. */
export type SidePlan<A> = { readonly log: fileLog.MergedLog; readonly tails: ReadonlyArray<ReadonlyArray<A>> }

/** A merged log that was repaired by keeping one side. */
export type KeptSide = fileLog.KeptSide & {
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
    fileLog.planSides<Event>({ dir, codec: lineCodec }, (side, taken) => {
      const own = (events[side - 1] ??= [])
      for (const event of taken) own.push(summarize(event))
    }),
    TE.map(log => log && { log, tails: events.map(own => own.filter(({ seq }) => seq > log.commonSeq)) }),
  )
}

/**
 * Repairs a merged log by keeping `side` (from 1), and updates `queue.json`; undefined if the log no longer has
 * such a side, and nothing was changed.
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
      spent: getRepairedSeqs({ keptSeq: kept.keptSeq, spentSeq: kept.seq }),
      tasks,
    })),
  )
