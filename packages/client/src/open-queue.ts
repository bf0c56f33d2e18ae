import { hostname } from 'node:os'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Json } from '@claimlog/codecs'
import { findWorkspace, makeWorkspace, locateWorkspace } from '@claimlog/discovery'
import type { Workspace, WorkspaceNotice } from '@claimlog/workspace'
import type { QueueFailure } from '@claimlog/messages'
import { openDirectory } from './local-queue.ts'
import type { InitOptions, OpenOptions } from './arguments/open-options.ts'
import { checkedMethod } from './arguments/checked-method.ts'
import { findRefresher } from './refresher/find-refresher.ts'
import { createWorkspace, type WorkspaceDefaults } from './task-either-methods.ts'
import type { SignalOption } from './queue-methods.ts'
import type { JsonLike } from './typed-tasks.ts'
import { type TaskEitherQueue, taskEitherQueue } from './task-either-queue.ts'

/** Opens an existing queue. */
export const openQueue: <Payload extends JsonLike<Payload> = Json, Result extends JsonLike<Result> = Json>(
  options?: OpenOptions,
) => TE.TaskEither<QueueFailure, TaskEitherQueue<Payload, Result>> = checkedMethod(
  'open',
  (options: OpenOptions = {}): TE.TaskEither<QueueFailure, TaskEitherQueue> =>
    pipe(
      TE.fromIOEither(() => findWorkspace(options.dir ?? (process.env['CLAIMLOG_DIR'] || undefined))),
      TE.chainW(dir => openQueueDirectory(dir, options)),
    ),
) as never

/**
 * Opens the queue in a directory, and creates it if there is none. The default directory is `.claimlog` in the working
 * directory, or in a linked git worktree the main checkout's.
 */
export const initQueue: <Payload extends JsonLike<Payload> = Json, Result extends JsonLike<Result> = Json>(
  options?: InitOptions,
) => TE.TaskEither<QueueFailure, TaskEitherQueue<Payload, Result>> = checkedMethod(
  'init',
  (options: InitOptions = {}): TE.TaskEither<QueueFailure, TaskEitherQueue> =>
    pipe(
      TE.fromIOEither(() => locateWorkspace(options.dir ?? (process.env['CLAIMLOG_DIR'] || undefined))),
      TE.chainFirstEitherKW(({ dir }) => makeWorkspace(dir, options.force === true)),
      TE.chainW(({ dir }) => openQueueDirectory(dir, options, options)),
    ),
) as never

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
