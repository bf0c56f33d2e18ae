import { accessSync, constants, mkdirSync } from 'node:fs'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { LogUrlUnusable, PlaceOnServer } from '@claimlog/discovery'
import type { Event } from '@claimlog/domain'
import type { EventLog, IoFailed, MoveTarget, NoLog, UnknownFormat, Unreachable } from '@claimlog/event-log'
import type { EventCodec, StoredLine } from '@claimlog/event-log-file'
import {
  createPostgresLog,
  describeLocation,
  inspectServer,
  openPostgresLog,
  openPostgresMoveTarget,
  parsePostgresUrl,
  type PostgresLocation,
  type ServerFacts,
} from '@claimlog/event-log-postgres'
import type { LogOptions, OpenedLog, ServerLogAddress } from './opened-log.ts'
import { cacheDir, keepLogId } from './server-cache.ts'

export { printMigrationScript } from '@claimlog/event-log-postgres'

type ServerFailure = LogUrlUnusable | Unreachable | NoLog | IoFailed | UnknownFormat

/** Opens a log on a server. This module is loaded on demand, with the client library of the server. */
export const openServerLog = (
  place: PlaceOnServer,
  codec: EventCodec<Event>,
  { durability, lockTimeoutMs }: LogOptions,
): TE.TaskEither<ServerFailure, OpenedLog> =>
  pipe(
    locate(place),
    TE.chainW(location =>
      pipe(
        openPostgresLog<Event>({
          location,
          codec,
          ...(durability === undefined ? {} : { durability }),
          ...(lockTimeoutMs === undefined ? {} : { lockTimeoutMs }),
        }),
        TE.chainFirstIOK(log => () => keepLogId(place.url, log.id)),
        TE.map(log => ({
          log,
          logId: log.id,
          place: {
            _tag: 'server' as const,
            url: describeLocation(location),
            dir: place.dir !== undefined && isWritable(place.dir) ? place.dir : makeCacheDir(log.id),
          },
          keepsQueueFile: place.keepsQueueFile,
        })),
      ),
    ),
  )

/** Opens the lines of a log on a server, to copy them. */
export const openServerLines = (
  address: ServerLogAddress,
  codec: EventCodec<StoredLine>,
  lockTimeoutMs: number | undefined,
): TE.TaskEither<ServerFailure, EventLog<StoredLine>> =>
  pipe(
    locate(address),
    TE.chainW(location =>
      openPostgresLog<StoredLine>({ location, codec, ...(lockTimeoutMs === undefined ? {} : { lockTimeoutMs }) }),
    ),
  )

/** Opens a log on a server, which must exist, as the target of a move. */
export const openMoveTarget = (
  address: ServerLogAddress,
  timeoutMs: number,
): TE.TaskEither<ServerFailure, MoveTarget> =>
  pipe(
    locate(address),
    TE.chainW(location => openPostgresMoveTarget(location, timeoutMs)),
  )

/** Makes what a log needs on its server: the schema and the workspace. What exists stays as it is. */
export const createLog = (
  address: ServerLogAddress,
  timeoutMs: number | undefined,
): TE.TaskEither<ServerFailure, void> =>
  pipe(
    locate(address),
    TE.chainW(location => createPostgresLog(location, timeoutMs)),
  )

/** Asks a server for everything on which the promises of its log depend. */
export const inspectLog = (address: ServerLogAddress): TE.TaskEither<ServerFailure, ServerFacts> =>
  pipe(locate(address), TE.chainW(inspectServer))

const locate = ({ url, isNamedByFile }: ServerLogAddress): TE.TaskEither<LogUrlUnusable, PostgresLocation> =>
  pipe(
    TE.fromIOEither(() => parsePostgresUrl(url, process.env, isNamedByFile)),
    TE.mapLeft(detail => ({ failure: 'LogUrlUnusable', detail })),
  )

/** Creates a named directory if there is none. */
const isWritable = (dir: string): boolean => {
  try {
    mkdirSync(dir, { recursive: true })
    accessSync(dir, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Creates the directory for the derived files of a log. If it cannot be made, nothing is derived. */
const makeCacheDir = (logId: string): string => {
  const dir = cacheDir(logId)
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
  } catch {
    // A read-only home directory: the log is then read from its first line each time.
  }
  return dir
}
