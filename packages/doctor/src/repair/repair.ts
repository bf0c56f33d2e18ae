import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { allTasks, emptyState, type Event, fold, lineCodec, type Refusal, repairedSeqs } from '@claimlog/domain'
import type { ReadFailure } from '@claimlog/event-log'
import * as fileLog from '@claimlog/event-log-file'
import { logOptions, readRepaired, type RepairCall, repairRecorder } from './repair-call.ts'

/** The seqs of the events "repaired", and how many tasks the log has with what stays. */
type Counts = { readonly spent: ReturnType<typeof repairedSeqs>; readonly tasks: number }

/** What a repair of a damaged log would do. */
export type RepairPlan = fileLog.RepairPlan & Counts

/** A damaged log that was repaired. */
export type RepairedLog = fileLog.RepairedLog & Counts

/** Says what a repair of the log in `dir` would do. Changes nothing. */
export const planRepair = (dir: string): TE.TaskEither<ReadFailure, fileLog.SoundLog | RepairPlan> => {
  let state = emptyState()
  return pipe(
    fileLog.planRepair<Event>({ dir, codec: lineCodec }, events => {
      state = fold(state, events)
    }),
    TE.map(plan =>
      plan.log === 'sound' ? plan : { ...plan, spent: repairedSeqs(plan), tasks: allTasks(state).length },
    ),
  )
}

/** Repairs a damaged log: cuts it, keeps the rest beside it, and brings `queue.json` to what it says now. */
export const repairLog = (
  call: RepairCall,
): TE.TaskEither<fileLog.RepairFailure | Refusal, fileLog.SoundLog | RepairedLog> =>
  pipe(
    TE.fromEither(repairRecorder(call)),
    TE.chainW(events =>
      fileLog.repairFileLog<Event>(logOptions(call), ({ damaged, quarantine, lastKept }) => {
        const { keptSeq, spentSeq, damage } = damaged
        return events({ keptSeq, keptTime: lastKept?.time, spentSeq, reason: damage.detail, quarantine })
      }),
    ),
    TE.chainW(repaired =>
      repaired.log === 'sound'
        ? TE.right<ReadFailure, fileLog.SoundLog | RepairedLog>(repaired)
        : countRepaired(call, repaired),
    ),
  )

const countRepaired = (call: RepairCall, repaired: fileLog.RepairedLog): TE.TaskEither<ReadFailure, RepairedLog> =>
  pipe(
    readRepaired(call),
    TE.map(tasks => ({ ...repaired, spent: repairedSeqs(repaired), tasks })),
  )
