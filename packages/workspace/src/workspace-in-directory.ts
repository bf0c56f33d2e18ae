import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { type Event, lineCodec } from '@claimlog/domain'
import type { EventLog, IoFailed, LogDamaged, NoLog } from '@claimlog/event-log'
import { type Durability, openFileLog, withLockFile } from '@claimlog/event-log-file'
import { type AccessDenied, accessDeniedTo, findLostLog, trackedLogWatch } from '@claimlog/discovery'
import { checkpointKeeper, type CheckpointOptions } from './checkpoint-keeper.ts'
import { openQueueFile, type QueueFileOptions, type QueueFileWriter } from '@claimlog/queue-file'
import { openWorkspace, type Workspace } from './workspace.ts'
import type { WorkspaceNotice } from './workspace-notice.ts'

export type { Durability }

/** How a log is written. */
export type LogOptions = {
  /** What an answer survives: `disk`, a power cut; `os`, a crash of the process. */
  readonly durability?: Durability
  /** How long to wait for other writers; 10 s unless said. */
  readonly lockTimeoutMs?: number
}

/** How a workspace in a directory is opened; what is kept beside its log as `openQueueFile` and `checkpointKeeper` say. */
export type DirectoryOptions = Pick<QueueFileOptions, 'dir' | 'mode' | 'refreshElsewhere'> & {
  /** Told what should be known of the workspace, and stops nothing. */
  readonly notify: (notice: WorkspaceNotice) => void
} & Pick<CheckpointOptions, 'whileReading'> &
  LogOptions

/** A workspace, and what it is made of. */
export type WorkspaceInDirectory = {
  readonly log: EventLog<Event>
  readonly workspace: Workspace
  readonly queueFile: QueueFileWriter
}

/** Opens the workspace in a directory, which must hold a log: on `events.jsonl`, with `queue.json` and a checkpoint kept. */
export const openDirectory =
  (options: DirectoryOptions): TE.TaskEither<IoFailed | NoLog | LogDamaged | AccessDenied, WorkspaceInDirectory> =>
  async () => {
    const { dir, durability, lockTimeoutMs } = options
    const lost = findLostLog(dir)
    if (lost !== undefined) return E.left(lost)
    return pipe(
      await openFileLog<Event>({ dir, codec: lineCodec, durability, lockTimeoutMs })(),
      E.mapLeft(failure => accessDenied(failure) ?? failure),
      E.map(log => assembleWorkspace(log, options)),
    )
  }

const assembleWorkspace = (log: EventLog<Event>, options: DirectoryOptions): WorkspaceInDirectory => {
  const { dir, notify, mode, refreshElsewhere, whileReading } = options
  const queueFile = openQueueFile({ dir, log, notify, mode, refreshElsewhere })
  const checkpoint = checkpointKeeper({ dir, log, withLockFile, whileReading })
  const beforeCommand = trackedLogWatch(dir, notify)
  return { log, queueFile, workspace: openWorkspace({ log, queueFile, checkpoint, notify, beforeCommand }) }
}

const accessDenied = (failure: IoFailed | NoLog): AccessDenied | undefined =>
  failure.failure === 'IoFailed' && failure.code === 'EACCES' ? accessDeniedTo(failure.path) : undefined
