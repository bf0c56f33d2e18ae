import { hostname } from 'node:os'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Json } from '@claimlog/codecs'
import {
  findPlace,
  type LogPlace,
  makeWorkspace,
  locateWorkspace,
  type PlaceChoice,
  type SearchFailure,
  type WorkspaceLocation,
} from '@claimlog/discovery'
import type { Workspace, WorkspaceNotice } from '@claimlog/workspace'
import type { QueueFailure } from '@claimlog/messages'
import { openWorkspaceParts } from './local-queue.ts'
import { choosePlace } from './log/choose-place.ts'
import { createServerLog } from './log/open-log.ts'
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
      TE.fromIOEither(() => findPlace(choosePlace(options))),
      TE.chainW(place => openQueuePlace(place, options)),
    ),
) as never

/**
 * Opens a queue, and creates it if there is none. The default is a log in `.claimlog` in the working directory, or in a
 * linked git worktree in the main checkout's.
 */
export const initQueue: <Payload extends JsonLike<Payload> = Json, Result extends JsonLike<Result> = Json>(
  options?: InitOptions,
) => TE.TaskEither<QueueFailure, TaskEitherQueue<Payload, Result>> = checkedMethod(
  'init',
  (options: InitOptions = {}): TE.TaskEither<QueueFailure, TaskEitherQueue> =>
    pipe(
      TE.fromIOEither(() => locatePlace(choosePlace(options))),
      TE.chainFirstW(place => createLog(place, options)),
      TE.chainW(place => openQueuePlace(place, options, options)),
    ),
) as never

/** The place of an existing or new log. */
const locatePlace = (choice: PlaceChoice): E.Either<SearchFailure, LogPlace> =>
  choice.log === undefined
    ? E.map(({ dir, url }: WorkspaceLocation) => toPlace(dir, url))(locateWorkspace(choice.dir))
    : findPlace(choice)

const toPlace = (dir: string, url: string | undefined): LogPlace =>
  url === undefined
    ? { _tag: 'directory', dir }
    : { _tag: 'server', url, isNamedByFile: true, dir, keepsQueueFile: false }

const createLog = (
  place: LogPlace,
  { force = false, lockTimeoutMs }: Pick<InitOptions, 'force' | 'lockTimeoutMs'>,
): TE.TaskEither<QueueFailure, unknown> =>
  place._tag === 'directory' ? TE.fromEither(makeWorkspace(place.dir, force)) : createServerLog(place, lockTimeoutMs)

const openQueuePlace = (
  place: LogPlace,
  options: OpenOptions,
  defaults?: WorkspaceDefaults & SignalOption,
): TE.TaskEither<QueueFailure, TaskEitherQueue> => {
  const { durability, lockTimeoutMs, onNotice = () => undefined, worker = `${hostname()}-${process.pid}` } = options
  const notify = isolateListener(onNotice)
  const refreshElsewhere = place._tag === 'directory' ? findRefresher(place.dir) : undefined
  return pipe(
    openWorkspaceParts({ place, durability, lockTimeoutMs, notify, mode: 'coalesced', refreshElsewhere }),
    TE.chainFirstW(({ workspace }) =>
      defaults === undefined ? TE.right(undefined) : createOrClose(workspace, defaults),
    ),
    TE.map(parts => taskEitherQueue(parts.place, parts.workspace, worker.replace(/\s/g, '-').slice(0, 200))),
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
