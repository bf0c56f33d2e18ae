import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { allTasks, emptyState, type Event, fold, lineCodec, type Refusal, getRepairedSeqs } from '@claimlog/domain'
import type { ReadFailure } from '@claimlog/event-log'
import * as fileLog from '@claimlog/event-log-file'
import { logOptions, readRepaired, type RepairCall, repairRecorder } from './repair-call.ts'

/** The seqs of the `repaired` events, and the number of tasks in the repaired log. */
type Counts = { readonly spent: ReturnType<typeof getRepairedSeqs>; readonly tasks: number }

/** The preview of a repair. */
export type RepairPlan = fileLog.RepairPlan & Counts

/** The result of a repair. */
export type RepairedLog = fileLog.RepairedLog & Counts

/** Previews a repair of the log in `dir`. Read-only. */
export const planRepair = (dir: string): TE.TaskEither<ReadFailure, fileLog.SoundLog | RepairPlan> => {
  let state = emptyState()
  return pipe(
    fileLog.planRepair<Event>({ dir, codec: lineCodec }, events => {
      state = fold(state, events)
    }),
    TE.map(plan =>
      plan.log === 'sound' ? plan : { ...plan, spent: getRepairedSeqs(plan), tasks: allTasks(state).length },
    ),
  )
}

/** Repairs a damaged log: truncates it, keeps the rest in a file next to it, and updates `queue.json`. */
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
    TE.map(tasks => ({ ...repaired, spent: getRepairedSeqs(repaired), tasks })),
  )
