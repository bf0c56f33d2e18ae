import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { allTasks, emptyState, type Event, fold, lineCodec, recordRepair } from '@claimlog/domain'
import type { EventLog, ReadFailure } from '@claimlog/event-log'
import { openFileLog, type RepairOptions } from '@claimlog/event-log-file'
import { openQueueFile, type QueueFileNotice } from '@claimlog/queue-file'

/** Who has the log in `dir` repaired, as which request, and how. */
export type RepairCall = {
  readonly dir: string
  /** How long to wait for other writers; 10 s unless said. */
  readonly lockTimeoutMs?: number
  readonly by?: string
  readonly requestId?: string
  /** Told of a `queue.json` that is not what the repaired log says, or cannot be written. */
  readonly notify: (notice: QueueFileNotice) => void
}

export const logOptions = ({ dir, lockTimeoutMs }: RepairCall): RepairOptions<Event> => ({
  dir,
  codec: lineCodec,
  lockTimeoutMs,
})

/** What makes the events that tell a log's readers of the repair; the workspace's id is for a log that keeps none. */
export const repairRecorder = ({ by, requestId }: RepairCall): ReturnType<typeof recordRepair> =>
  recordRepair({ command: 'repair', workspace: globalThis.crypto.randomUUID(), nowMs: Date.now(), by, requestId })

/** Reads the repaired log, brings `queue.json` to what it says now, and answers how many tasks it has. */
export const readRepaired = ({ dir, notify }: RepairCall): TE.TaskEither<ReadFailure, number> =>
  pipe(
    openFileLog<Event>({ dir, codec: lineCodec }),
    TE.chainW(log =>
      TE.bracket(
        TE.right(log),
        opened => readAndProject(dir, opened, notify),
        opened => TE.fromTask(opened.close),
      ),
    ),
  )

const readAndProject = (
  dir: string,
  log: EventLog<Event>,
  notify: RepairCall['notify'],
): TE.TaskEither<ReadFailure, number> => {
  let state = emptyState()
  const queueFile = openQueueFile({ dir, log, notify, mode: 'each' })
  return pipe(
    log.readAfter(0, events => {
      state = fold(state, events)
    }),
    TE.chainTaskK(() => () => queueFile.rewrite(() => state)),
    TE.map(() => allTasks(state).length),
  )
}
