import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { allTasks, emptyState, type Event, fold, lineCodec, recordRepair } from '@claimlog/domain'
import type { EventLog, ReadFailure } from '@claimlog/event-log'
import { openFileLog, type RepairOptions } from '@claimlog/event-log-file'
import { openQueueFile, type QueueFileNotice } from '@claimlog/queue-file'

/** The options of a repair of the log in `dir`. */
export type RepairRequest = {
  readonly dir: string
  /** The time to wait for other writers; default 10 s. */
  readonly lockTimeoutMs?: number
  readonly by?: string
  readonly requestId?: string
  /** Called if `queue.json` differs from the repaired log or cannot be written. */
  readonly notify: (notice: QueueFileNotice) => void
}

export const repairLogOptions = ({ dir, lockTimeoutMs }: RepairRequest): RepairOptions<Event> => ({
  dir,
  codec: lineCodec,
  lockTimeoutMs,
})

/** Builds the events that record the repair in the log; a new workspace id is used if no event of the log is kept. */
export const buildRepairEvents = ({ by, requestId }: RepairRequest): ReturnType<typeof recordRepair> =>
  recordRepair({ command: 'repair', workspace: globalThis.crypto.randomUUID(), nowMs: Date.now(), by, requestId })

/** Reads the repaired log, updates `queue.json`, and returns the number of tasks. */
export const readRepairedLog = ({ dir, notify }: RepairRequest): TE.TaskEither<ReadFailure, number> =>
  pipe(
    openFileLog<Event>({ dir, codec: lineCodec }),
    TE.chainW(log =>
      TE.bracket(
        TE.right(log),
        openLog => updateQueueFile(dir, openLog, notify),
        openLog => TE.fromTask(openLog.close),
      ),
    ),
  )

const updateQueueFile = (
  dir: string,
  log: EventLog<Event>,
  notify: RepairRequest['notify'],
): TE.TaskEither<ReadFailure, number> => {
  let state = emptyState()
  const queueFile = openQueueFile({ dir, log, notify, mode: 'each' })
  return pipe(
    log.read(0, events => {
      state = fold(state, events)
    }),
    TE.chainTaskK(() => () => queueFile.rewrite(() => state)),
    TE.map(() => allTasks(state).length),
  )
}
