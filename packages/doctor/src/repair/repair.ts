import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { allTasks, emptyState, type Event, fold, lineCodec, type Refusal, repairedSeqs } from '@claimlog/domain'
import type { ReadFailure } from '@claimlog/event-log'
import {
  planRepair,
  type RepairedLog,
  type RepairFailure,
  repairFileLog,
  type RepairPlan,
  type SoundLog,
} from '@claimlog/event-log-file'
import { logOptions, readRepaired, type RepairCall, repairRecorder } from './repair-call.ts'

/** The seqs of the events "repaired", and how many tasks the log has with what stays. */
type Counts = { readonly spent: ReturnType<typeof repairedSeqs>; readonly tasks: number }

/** What a repair of a damaged log would do. */
export type CutPlan = RepairPlan & Counts

/** A damaged log that was cut. */
export type CutLog = RepairedLog & Counts

/** Says how the log in `dir` would be cut. Changes nothing. */
export const planCut = (dir: string): TE.TaskEither<ReadFailure, SoundLog | CutPlan> => {
  let state = emptyState()
  return pipe(
    planRepair<Event>({ dir, codec: lineCodec }, events => {
      state = fold(state, events)
    }),
    TE.map(plan =>
      plan.log === 'sound' ? plan : { ...plan, spent: repairedSeqs(plan), tasks: allTasks(state).length },
    ),
  )
}

/** Cuts a damaged log, keeps the rest beside it, and brings `queue.json` to what it says now. */
export const cutLog = (call: RepairCall): TE.TaskEither<RepairFailure | Refusal, SoundLog | CutLog> =>
  pipe(
    TE.fromEither(repairRecorder(call)),
    TE.chainW(events =>
      repairFileLog<Event>(logOptions(call), ({ damaged, quarantine, lastKept }) => {
        const { keptSeq, spentSeq, damage } = damaged
        return events({ keptSeq, keptTime: lastKept?.time, spentSeq, reason: damage.detail, quarantine })
      }),
    ),
    TE.chainW(repaired =>
      repaired.log === 'sound' ? TE.right<ReadFailure, SoundLog | CutLog>(repaired) : readCut(call, repaired),
    ),
  )

const readCut = (call: RepairCall, repaired: RepairedLog): TE.TaskEither<ReadFailure, CutLog> =>
  pipe(
    readRepaired(call),
    TE.map(tasks => ({ ...repaired, spent: repairedSeqs(repaired), tasks })),
  )
