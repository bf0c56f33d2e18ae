import { hostname } from 'node:os'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { NewTask } from '@claimlog/domain'
import { findWorkspace, makeWorkspace, placeWorkspace } from '@claimlog/discovery'
import type { Workspace, WorkspaceNotice } from '@claimlog/workspace'
import type { QueueFailure } from '@claimlog/messages'
import { type LogOptions, openDirectory } from './local-queue.ts'
import { ownRefresher } from './own-refresher.ts'
import { beginWorkspace, type WorkspaceDefaults } from './task-either-methods.ts'
import { type TaskEitherQueue, taskEitherQueue } from './task-either-queue.ts'

/** Which queue to open, and how. */
export type OpenOptions = LogOptions & {
  /**
   * The directory that holds `events.jsonl`; else `$CLAIMLOG_DIR`, else the nearest `.claimlog/` at or above the working
   * directory, which in a linked git worktree is the main checkout's unless it has one of its own.
   */
  readonly dir?: string
  /** What workers are called that do not say; `<host>-<pid>` unless said. */
  readonly worker?: string
  /**
   * Called if git tracks the log, if `queue.json` was edited or cannot be written. If it throws, that is an uncaught
   * exception of the process; the command in which it was called goes on.
   */
  readonly onNotice?: (notice: WorkspaceNotice) => void
}

/** What a new workspace's tasks have unless they say otherwise. */
export type InitOptions = OpenOptions & {
  /** How long a claim lasts, in milliseconds; 15 minutes unless said. */
  readonly leaseMs?: number
  /** How often a task is tried; 3 times unless said. */
  readonly maxAttempts?: number
  /** The wait after a failed attempt, doubled each time. */
  readonly backoff?: NewTask['backoff']
  /** Takes a directory on a network file system. */
  readonly force?: boolean
}

/** Opens a queue that is there. */
export const openQueue = (options: OpenOptions = {}): TE.TaskEither<QueueFailure, TaskEitherQueue> =>
  pipe(
    TE.fromIOEither(() => findWorkspace(options.dir ?? (process.env['CLAIMLOG_DIR'] || undefined))),
    TE.chainW(dir => openIn(dir, options)),
  )

/**
 * Opens the queue in a directory, and makes it if there is none. Without one named that is `.claimlog` in the working
 * directory, and in a linked git worktree the main checkout's.
 */
export const initQueue = (options: InitOptions = {}): TE.TaskEither<QueueFailure, TaskEitherQueue> =>
  pipe(
    TE.fromIOEither(() => placeWorkspace(options.dir ?? (process.env['CLAIMLOG_DIR'] || undefined))),
    TE.chainFirstEitherKW(({ dir }) => makeWorkspace(dir, options.force === true)),
    TE.chainW(({ dir }) => openIn(dir, options, options)),
  )

const openIn = (
  dir: string,
  options: OpenOptions,
  defaults?: WorkspaceDefaults,
): TE.TaskEither<QueueFailure, TaskEitherQueue> => {
  const { durability, lockTimeoutMs, onNotice = () => undefined, worker = `${hostname()}-${process.pid}` } = options
  const notify = isolateListener(onNotice)
  return pipe(
    openDirectory({ dir, durability, lockTimeoutMs, notify, mode: 'coalesced', refreshElsewhere: ownRefresher(dir) }),
    TE.map(({ workspace }) => workspace),
    TE.chainFirstW(workspace => (defaults === undefined ? TE.right(undefined) : beginOrClose(workspace, defaults))),
    TE.map(workspace => taskEitherQueue(dir, workspace, worker.replace(/\s/g, '-').slice(0, 200))),
  )
}

/** Calls a listener so that what it throws is no part of the command that calls it. */
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

/** Makes the workspace, and closes it if that fails: nobody will. */
const beginOrClose = (workspace: Workspace, defaults: WorkspaceDefaults): TE.TaskEither<QueueFailure, unknown> =>
  pipe(
    beginWorkspace(workspace, defaults),
    TE.orElseFirstTaskK(() => workspace.close),
  )
