import { pipe } from 'fp-ts/lib/function.js'
import type * as T from 'fp-ts/lib/Task.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Event, State, Time } from '@claimlog/domain'
import { type EventLog, lifeCycle, type LogWatch } from '@claimlog/event-log'
import type { QueueFailure } from '@claimlog/messages'
import type { QueueFileWriter } from '@claimlog/queue-file'
import { type Answer, openDirectory, type Order, rehearse, type Workspace } from '@claimlog/workspace'
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
export type LocalOptions = Parameters<typeof openDirectory>[0] & {
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
