import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as T from 'fp-ts/lib/Task.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type AccessDenied, accessDeniedTo, findLostLog, trackedLogWatch } from '@claimlog/discovery'
import { type Event, lineCodec, type State, type Time } from '@claimlog/domain'
import {
  type EventLog,
  type IoFailed,
  lifeCycle,
  type LogDamaged,
  type LogWatch,
  type NoLog,
} from '@claimlog/event-log'
import { type Durability, openFileLog, withLockFile } from '@claimlog/event-log-file'
import type { QueueFailure } from '@claimlog/messages'
import { openQueueFile, type QueueFileOptions, type QueueFileWriter } from '@claimlog/queue-file'
import {
  type Answer,
  checkpointKeeper,
  type CheckpointOptions,
  openWorkspace,
  type Order,
  rehearse,
  type Workspace,
  type WorkspaceNotice,
} from '@claimlog/workspace'
import type { CallOptions, LookOptions } from './queue-methods.ts'
import {
  beginWorkspace,
  type LocalMethods,
  stampOf,
  taskEitherMethods,
  type WorkspaceDefaults,
} from './task-either-methods.ts'

/** What is asked of a state, at the moment `now`. It must take what it needs out of the state at once: that goes on. */
export type QueueQuery<A> = (state: State, now: Time) => A

/** What came of an import: its tasks, and how many events were appended for them. */
export type ImportAnswer = Answer

/** Tasks that are taken over from a file. */
type ImportRequest = Omit<Extract<Order, { command: 'import' }>, 'command' | 'by' | 'requestId'>

/**
 * A queue as our own command line and server use it: the methods of the library, and beside them what only tools need.
 * Not published.
 */
export interface LocalQueue extends LocalMethods {
  /** The directory that holds `events.jsonl`. */
  readonly dir: string
  /** Answers a query of the state as it is, or as it was `at` a moment. */
  readonly query: <A>(query: QueueQuery<A>, options?: LookOptions) => TE.TaskEither<QueueFailure, A>
  /** Makes the workspace, once: `created` says whether this call did. */
  readonly begin: (
    defaults: WorkspaceDefaults,
    options?: CallOptions,
  ) => TE.TaskEither<QueueFailure, { readonly workspace: string; readonly created: boolean; readonly seq: number }>
  /** Takes tasks over, all or none; `dryRun` answers the same and changes nothing. */
  readonly importTasks: (
    request: ImportRequest,
    options?: CallOptions & { readonly dryRun?: boolean },
  ) => TE.TaskEither<QueueFailure, ImportAnswer>
  /** The events after `seq`, in order, as far as the log goes now. */
  readonly readEvents: EventLog<Event>['readAfter']
  /** The events after `seq`, in batches as they come, until `signal` aborts. */
  readonly followEvents: Workspace['follow']
  /** Brings `queue.json` up to date with what was read last, which reading does not. */
  readonly refreshQueueFile: T.Task<void>
  /** Begins to watch for appends, by whomever. */
  readonly watch: () => LogWatch
  /** Lets go of everything, once nothing is in flight. */
  readonly close: T.Task<void>
}

/**
 * An open queue and what it is made of. A face calls `queue`; `workspace`, `log` and `queueFile` it only hands on, to a
 * function of the client or of a package that works on the files themselves, and never calls. (The benchmark does, which
 * measures the one against the other.)
 */
export type OpenedQueue = {
  readonly dir: string
  readonly queue: LocalQueue
  readonly workspace: Workspace
  readonly log: EventLog<Event>
  readonly queueFile: QueueFileWriter
}

/** How a directory is opened. */
export type LocalOptions = DirectoryOptions & {
  /** Told each time that an append has woken a call that waits, before it looks. */
  readonly onWake?: () => void
}

/** Opens the queue in a directory, which must hold a log. */
export const openLocalQueue = (options: LocalOptions): TE.TaskEither<QueueFailure, OpenedQueue> =>
  pipe(
    openDirectory(options),
    TE.map(opened => {
      const { dir, onWake } = options
      const { log, queueFile } = opened
      const workspace = onWake === undefined ? opened.workspace : tellingOfWakes(opened.workspace, onWake)
      return { dir, queue: localQueue(dir, workspace, log), workspace, log, queueFile }
    }),
  )

const tellingOfWakes = (workspace: Workspace, woken: () => void): Workspace => ({
  ...workspace,
  watch: () => {
    const { next, close } = workspace.watch()
    return { next: signal => next(signal).then(woken), close }
  },
})

const localQueue = (dir: string, workspace: Workspace, log: EventLog<Event>): LocalQueue => {
  const life = lifeCycle()
  let closed: Promise<void> | undefined
  life.onClosing(() => {
    closed = workspace.close()
  })
  return {
    ...taskEitherMethods(workspace, life),
    ...toolMethods(workspace, log),
    dir,
    close: () => life.close(() => closed),
  }
}

type ToolMethods = Omit<LocalQueue, keyof LocalMethods | 'dir' | 'close'>

const toolMethods = (workspace: Workspace, log: EventLog<Event>): ToolMethods => {
  const query: LocalQueue['query'] = (view, options) =>
    options?.at === undefined ? workspace.read(view) : workspace.at(options.at).read(view)
  return {
    query,
    begin: (defaults, options) =>
      pipe(
        beginWorkspace(workspace, defaults, options),
        TE.chainW(({ appended, seq }) => withWorkspaceId(workspace, { created: appended > 0, seq })),
      ),
    importTasks: (request, options) => {
      const order = { command: 'import', ...request } as const
      if (options?.dryRun !== true) return workspace.run({ ...order, ...stampOf(options) })
      return pipe(
        query((state, now) => rehearse(state, now, order)),
        TE.chainW(answer => TE.fromEither(answer)),
      )
    },
    readEvents: log.readAfter,
    followEvents: workspace.follow,
    refreshQueueFile: workspace.refreshQueueFile,
    watch: workspace.watch,
  }
}

const withWorkspaceId = <A extends object>({ status }: Workspace, begun: A) =>
  pipe(
    status,
    TE.map(({ workspace }) => ({ workspace, ...begun })),
  )

/** How a log is written. */
export type LogOptions = {
  /** What an answer survives: `disk`, a power cut; `os`, a crash of the process. */
  readonly durability?: Durability
  /** How long to wait for other writers; 10 s unless said. */
  readonly lockTimeoutMs?: number
}

/** How a workspace in a directory is opened; what is kept beside its log as `openQueueFile` and `checkpointKeeper` say. */
type DirectoryOptions = Pick<QueueFileOptions, 'dir' | 'mode' | 'refreshElsewhere'> & {
  /** Told what should be known of the workspace, and stops nothing. */
  readonly notify: (notice: WorkspaceNotice) => void
} & Pick<CheckpointOptions, 'whileReading'> &
  LogOptions

/** A workspace, and what it is made of. */
type WorkspaceInDirectory = {
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
