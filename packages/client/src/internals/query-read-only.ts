import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Event, lineCodec } from '@claimlog/domain'
import { runAndClose, type EventLog } from '@claimlog/event-log'
import { openFileLog, withLockFile } from '@claimlog/event-log-file'
import type { QueueFailure } from '@claimlog/messages'
import { checkpointStore, openWorkspace, type Workspace } from '@claimlog/workspace'
import type { QueueQuery } from '../local-queue.ts'

/** Runs a query on the workspace in `dir` and writes nothing, not even derived files. */
export const queryReadOnly = <A>(dir: string, query: QueueQuery<A>): TE.TaskEither<QueueFailure, A> =>
  pipe(
    openFileLog<Event>({ dir, codec: lineCodec }),
    TE.map(log => openReadOnly(dir, log)),
    TE.chainW(workspace => runAndClose(workspace, workspace.query(query))),
  )

/** The checkpoint is read and never saved. */
const openReadOnly = (dir: string, log: EventLog<Event>): Workspace =>
  openWorkspace({ log, checkpoint: { ...checkpointStore({ dir, log, withLockFile }), save: async () => false } })
