import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { allTasks, emptyState, type Event, fold, lineCodec, type Refusal, getRepairedSeqs } from '@claimlog/domain'
import type { ReadFailure } from '@claimlog/event-log'
import * as fileLog from '@claimlog/event-log-file'
import { repairLogOptions, readRepairedLog, type RepairRequest, buildRepairEvents } from './repair-request.ts'

/** The seqs of the `repaired` events, and the number of tasks in the repaired log. */
type RepairCounts = { readonly spent: ReturnType<typeof getRepairedSeqs>; readonly tasks: number }

/** The preview of a repair. */
export type RepairPreview = fileLog.RepairPlan & RepairCounts

/** The result of a repair. */
export type RepairResult = fileLog.RepairedLog & RepairCounts

/** Previews a repair of the log in `dir`. Read-only. */
export const planRepair = (dir: string): TE.TaskEither<ReadFailure, fileLog.SoundLog | RepairPreview> => {
  let state = emptyState()
  return pipe(
    fileLog.planRepair<Event>({ dir, codec: lineCodec }, events => {
      state = fold(state, events)
    }),
    TE.map(plan =>
      plan._tag === 'sound' ? plan : { ...plan, spent: getRepairedSeqs(plan), tasks: allTasks(state).length },
    ),
  )
}

/** Repairs a damaged log: truncates it, keeps the rest in a file next to it, and updates `queue.json`. */
export const repairLog = (
  request: RepairRequest,
): TE.TaskEither<fileLog.RepairFailure | Refusal, fileLog.SoundLog | RepairResult> =>
  pipe(
    TE.fromEither(buildRepairEvents(request)),
    TE.chainW(events =>
      fileLog.repairFileLog<Event>(repairLogOptions(request), ({ damaged, quarantine, lastKept }) => {
        const { keptSeq, spentSeq, damage } = damaged
        return events({ keptSeq, keptTime: lastKept?.time, spentSeq, reason: damage.detail, quarantine })
      }),
    ),
    TE.chainW(repairedLog =>
      repairedLog._tag === 'sound'
        ? TE.right<ReadFailure, fileLog.SoundLog | RepairResult>(repairedLog)
        : addCounts(request, repairedLog),
    ),
  )

const addCounts = (
  request: RepairRequest,
  repairedLog: fileLog.RepairedLog,
): TE.TaskEither<ReadFailure, RepairResult> =>
  pipe(
    readRepairedLog(request),
    TE.map(tasks => ({ ...repairedLog, spent: getRepairedSeqs(repairedLog), tasks })),
  )
