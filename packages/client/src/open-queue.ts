import { hostname } from 'node:os'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { NewTask } from '@claimlog/domain'
import { findWorkspace, makeWorkspace, locateWorkspace } from '@claimlog/discovery'
import type { Workspace, WorkspaceNotice } from '@claimlog/workspace'
import type { QueueFailure } from '@claimlog/messages'
import { type LogOptions, openDirectory } from './local-queue.ts'
import { checkedMethod } from './arguments/checked-method.ts'
import { findRefresher } from './find-refresher.ts'
import { createWorkspace, type WorkspaceDefaults } from './task-either-methods.ts'
import type { SignalOption } from './queue-methods.ts'
import { type TaskEitherQueue, taskEitherQueue } from './task-either-queue.ts'

/** The options to open a queue. */
export type OpenOptions = LogOptions & {
  /**
   * The directory that contains `events.jsonl`. Default: `$CLAIMLOG_DIR`, else the nearest `.claimlog/` in the working
   * directory or above; in a linked git worktree without one it is the main checkout's.
   */
  readonly dir?: string
  /** The default name of workers; default `<host>-<pid>`. */
  readonly worker?: string
  /**
   * Called if git tracks the log, or if `queue.json` was edited or cannot be written. If it throws, the process has an
   * uncaught exception; the command that called it continues.
   */
  readonly onNotice?: (notice: WorkspaceNotice) => void
}

/** The options to create a queue: the defaults of its tasks. */
export type InitOptions = OpenOptions &
  SignalOption & {
    /** The lease of a claim, in milliseconds; default 15 minutes. */
    readonly leaseMs?: number
    /** The maximum number of attempts; default 3. */
    readonly maxAttempts?: number
    /** The delay after a failed attempt, doubled each time. */
    readonly backoff?: NewTask['backoff']
    /** Allows a directory on a network file system. */
    readonly force?: boolean
  }

/** Opens an existing queue. */
export const openQueue = checkedMethod(
  'open',
  (options: OpenOptions = {}): TE.TaskEither<QueueFailure, TaskEitherQueue> =>
    pipe(
      TE.fromIOEither(() => findWorkspace(options.dir ?? (process.env['CLAIMLOG_DIR'] || undefined))),
      TE.chainW(dir => openQueueDirectory(dir, options)),
    ),
)

/**
 * Opens the queue in a directory, and creates it if there is none. The default directory is `.claimlog` in the working
 * directory, or in a linked git worktree the main checkout's.
 */
export const initQueue = checkedMethod(
  'init',
  (options: InitOptions = {}): TE.TaskEither<QueueFailure, TaskEitherQueue> =>
    pipe(
      TE.fromIOEither(() => locateWorkspace(options.dir ?? (process.env['CLAIMLOG_DIR'] || undefined))),
      TE.chainFirstEitherKW(({ dir }) => makeWorkspace(dir, options.force === true)),
      TE.chainW(({ dir }) => openQueueDirectory(dir, options, options)),
    ),
)

const openQueueDirectory = (
  dir: string,
  options: OpenOptions,
  defaults?: WorkspaceDefaults & SignalOption,
): TE.TaskEither<QueueFailure, TaskEitherQueue> => {
  const { durability, lockTimeoutMs, onNotice = () => undefined, worker = `${hostname()}-${process.pid}` } = options
  const notify = isolateListener(onNotice)
  return pipe(
    openDirectory({ dir, durability, lockTimeoutMs, notify, mode: 'coalesced', refreshElsewhere: findRefresher(dir) }),
    TE.map(({ workspace }) => workspace),
    TE.chainFirstW(workspace => (defaults === undefined ? TE.right(undefined) : createOrClose(workspace, defaults))),
    TE.map(workspace => taskEitherQueue(dir, workspace, worker.replace(/\s/g, '-').slice(0, 200))),
  )
}

/** Calls a listener so that an error in it does not fail the command that calls it. */
const isolateListener =
  (onNotice: (notice: WorkspaceNotice) => void) =>
  (notice: WorkspaceNotice): void => {
    try {
      onNotice(notice)
    } catch (thrown) {
      process.nextTick(() => {
        throw thrown
      })
    }
  }

/** Creates the workspace, and closes it if that fails, as no caller can. */
const createOrClose = (
  workspace: Workspace,
  defaults: WorkspaceDefaults & SignalOption,
): TE.TaskEither<QueueFailure, unknown> =>
  pipe(
    createWorkspace(workspace, defaults, { signal: defaults.signal }),
    TE.orElseFirstTaskK(() => workspace.close),
  )
