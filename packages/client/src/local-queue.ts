import { pipe } from 'fp-ts/lib/function.js'
import type * as T from 'fp-ts/lib/Task.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type LogPlace, watchTrackedLog } from '@claimlog/discovery'
import type { Event, State, Time } from '@claimlog/domain'
import { type EventLog, lifeCycle, type LogWatch } from '@claimlog/event-log'
import { withLockFile } from '@claimlog/event-log-file'
import type { QueueFailure } from '@claimlog/messages'
import { openQueueFile, type QueueFileOptions, type QueueFileWriter } from '@claimlog/queue-file'
import {
  type CommandResult,
  checkpointStore,
  type CheckpointStoreOptions,
  openWorkspace,
  type CommandInput,
  dryRun,
  type Workspace,
  type WorkspaceNotice,
} from '@claimlog/workspace'
import { openLog } from './log/open-log.ts'
import type { LogOptions, OpenedLog, OpenLogFailure, QueuePlace } from './log/opened-log.ts'
import type { CallOptions, QueryOptions } from './queue-methods.ts'
import {
  createWorkspace,
  type LocalMethods,
  commandMetadata,
  taskEitherMethods,
  type WorkspaceDefaults,
} from './task-either-methods.ts'

/** A query of a state at time `now`. It must read the state synchronously, as the state changes afterwards. */
export type QueueQuery<A> = (state: State, now: Time) => A

/** The result of an import: its tasks, and the number of appended events. */
export type ImportResult = CommandResult

/** A request to import tasks from a file. */
type ImportRequest = Omit<Extract<CommandInput, { command: 'import' }>, 'command' | 'by' | 'requestId'>

/**
 * A queue for our own command line and server: the methods of the library, and more that only tools need. Not
 * published.
 */
export interface LocalQueue extends LocalMethods {
  readonly place: QueuePlace
  /** Runs a query on the current state, or on the state `at` a point in time. */
  readonly query: <A>(query: QueueQuery<A>, options?: QueryOptions) => TE.TaskEither<QueueFailure, A>
  /** Creates the workspace if there is none; `created` is true if this call created it. */
  readonly create: (
    defaults: WorkspaceDefaults,
    options?: CallOptions,
  ) => TE.TaskEither<QueueFailure, { readonly workspace: string; readonly created: boolean; readonly seq: number }>
  /** Imports tasks, all or none; with `dryRun` the result is the same, but nothing is written. */
  readonly importTasks: (
    request: ImportRequest,
    options?: CallOptions & { readonly dryRun?: boolean },
  ) => TE.TaskEither<QueueFailure, ImportResult>
  /** The time by which the queue judges leases and delays, as of the last answer of the log. */
  readonly now: Workspace['now']
  /** Reads the events after `seq` in order, up to the current end of the log. */
  readonly readEvents: EventLog<Event>['read']
  /** Follows the events after `seq` in batches, until `signal` aborts. */
  readonly followEvents: Workspace['follow']
  /** Updates `queue.json` to the state that was read last. Queries do not do that. */
  readonly refreshQueueFile: T.Task<void>
  /** Starts to watch for appends by any process. */
  readonly watch: () => LogWatch
  /** Closes everything once no call is in flight. */
  readonly close: T.Task<void>
}

/**
 * An open queue and its parts. The command line and the server call `queue`; they only pass `workspace`, `log` and
 * `queueFile` to a function of the client or of a package that works on the files, and never call them. (The benchmark
 * does, as it compares them.)
 */
export type QueueParts = WorkspaceParts & { readonly queue: LocalQueue }

/** The options to open a queue. */
export type LocalOptions = PlaceOptions & {
  /** Called each time an append wakes a waiting call, before the call reads the log. */
  readonly onWake?: () => void
}

/** Opens the queue at a place, where there must be a log. */
export const openLocalQueue = (options: LocalOptions): TE.TaskEither<QueueFailure, QueueParts> =>
  pipe(
    openWorkspaceParts(options),
    TE.map(parts => {
      const { onWake } = options
      const { place, log } = parts
      const workspace = onWake === undefined ? parts.workspace : notifyOnWake(parts.workspace, onWake)
      return { ...parts, queue: localQueue(place, workspace, log), workspace }
    }),
  )

const notifyOnWake = (workspace: Workspace, onWake: () => void): Workspace => ({
  ...workspace,
  watch: () => {
    const { next, close } = workspace.watch()
    return { next: signal => next(signal).then(onWake), close }
  },
})

const localQueue = (place: QueuePlace, workspace: Workspace, log: EventLog<Event>): LocalQueue => {
  const life = lifeCycle()
  let closed: Promise<void> | undefined
  life.onClosing(() => {
    closed = workspace.close()
  })
  return {
    ...taskEitherMethods(workspace, life),
    ...toolMethods(workspace),
    readEvents: log.read,
    place,
    close: () => life.close(() => closed),
  }
}

type ToolMethods = Omit<LocalQueue, keyof LocalMethods | 'place' | 'close' | 'readEvents'>

/** Builds the methods that only tools need. */
export const toolMethods = (workspace: Workspace): ToolMethods => {
  const query: LocalQueue['query'] = (view, options) =>
    options?.at === undefined ? workspace.query(view) : workspace.at(options.at).query(view)
  return {
    query,
    create: (defaults, options) =>
      pipe(
        createWorkspace(workspace, defaults, options),
        TE.chainW(({ appended, seq }) => addWorkspaceId(workspace, { created: appended > 0, seq })),
      ),
    importTasks: (request, options) => {
      const input = { command: 'import', ...request } as const
      if (options?.dryRun !== true) return workspace.run({ ...input, ...commandMetadata(options) })
      return pipe(
        query((state, now) => dryRun(state, now, input)),
        TE.chainW(result => TE.fromEither(result)),
      )
    },
    followEvents: workspace.follow,
    now: workspace.now,
    refreshQueueFile: workspace.refreshQueueFile,
    watch: workspace.watch,
  }
}

const addWorkspaceId = <A extends object>({ status }: Workspace, result: A) =>
  pipe(
    status,
    TE.map(({ workspace }) => ({ workspace, ...result })),
  )

/** The options to open a workspace, with those of `openQueueFile` and `checkpointStore` for derived files. */
type PlaceOptions = Pick<QueueFileOptions, 'mode' | 'refreshElsewhere'> & {
  readonly place: LogPlace
  /** Called with notices about the workspace; they do not stop a command. */
  readonly notify: (notice: WorkspaceNotice) => void
} & Pick<CheckpointStoreOptions, 'withProgress'> &
  LogOptions

/** A workspace and its parts. */
type WorkspaceParts = {
  readonly place: QueuePlace
  readonly log: EventLog<Event>
  readonly workspace: Workspace
  /** undefined: no `queue.json` is kept. */
  readonly queueFile: QueueFileWriter | undefined
}

/** Opens the workspace at a place, where there must be a log, and maintains `queue.json` and a checkpoint. */
export const openWorkspaceParts = (options: PlaceOptions): TE.TaskEither<OpenLogFailure, WorkspaceParts> =>
  pipe(
    openLog(options.place, options),
    TE.map(openedLog => assembleWorkspace(openedLog, options)),
  )

const assembleWorkspace = ({ log, logId, place, keepsQueueFile }: OpenedLog, options: PlaceOptions): WorkspaceParts => {
  const { notify, mode, refreshElsewhere, withProgress } = options
  const { dir } = place
  const isFile = place._tag === 'directory'
  // The program that writes a large file reads a log in a directory only.
  const refresh = isFile ? refreshElsewhere : undefined
  const queueFile = keepsQueueFile ? openQueueFile({ dir, log, notify, mode, refreshElsewhere: refresh }) : undefined
  const checkpoint = checkpointStore({ dir, log, withLockFile, withProgress })
  const beforeCommand = isFile ? watchTrackedLog(dir, notify) : undefined
  const workspace = openWorkspace({ log, logId, queueFile, checkpoint, notify, beforeCommand })
  return { place, log, queueFile, workspace }
}
