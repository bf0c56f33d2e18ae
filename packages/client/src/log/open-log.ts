import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { type AccessDenied, findAccessDenied, findLostLog, type LogPlace } from '@claimlog/discovery'
import { type Event, lineCodec } from '@claimlog/domain'
import { type EventLog, type IoFailed, type MoveTarget, type NoLog, withSystemError } from '@claimlog/event-log'
import { openFileLog, type StoredLine, storedLineCodec } from '@claimlog/event-log-file'
import type { ServerFacts } from '@claimlog/event-log-postgres'
import type { LogOptions, OpenedLog, OpenLogFailure, ServerLogAddress } from './opened-log.ts'

/** Opens the log at a place, where there must be one. */
export const openLog = (place: LogPlace, options: LogOptions): TE.TaskEither<OpenLogFailure, OpenedLog> =>
  place._tag === 'directory'
    ? openLogInDirectory(place.dir, options)
    : async () => (await import('./server-log.ts')).openServerLog(place, lineCodec, options)()

/** Opens the lines of a log at a place, to copy them. */
export const openLines = (
  place: LogPlace,
  lockTimeoutMs: number | undefined,
): TE.TaskEither<OpenLogFailure, EventLog<StoredLine>> => {
  const codec = storedLineCodec(lineCodec)
  return place._tag === 'directory'
    ? openFileLog<StoredLine>({ dir: place.dir, codec, ...(lockTimeoutMs === undefined ? {} : { lockTimeoutMs }) })
    : async () => (await import('./server-log.ts')).openServerLines(place, codec, lockTimeoutMs)()
}

/** Opens a log on a server, which must exist, as the target of a move. */
export const openServerMoveTarget =
  (address: ServerLogAddress, lockTimeoutMs: number): TE.TaskEither<OpenLogFailure, MoveTarget> =>
  async () =>
    (await import('./server-log.ts')).openMoveTarget(address, lockTimeoutMs)()

/** Makes what a log needs on its server: the schema and the workspace. What exists stays as it is. */
export const createServerLog =
  (address: ServerLogAddress, lockTimeoutMs: number | undefined): TE.TaskEither<OpenLogFailure, void> =>
  async () =>
    (await import('./server-log.ts')).createLog(address, lockTimeoutMs)()

/** Asks a server for everything on which the promises of its log depend. */
export const inspectServerLog =
  (address: ServerLogAddress): TE.TaskEither<OpenLogFailure, ServerFacts> =>
  async () =>
    (await import('./server-log.ts')).inspectLog(address)()

/** The SQL that makes what a log needs in a database, for people who run it themselves. */
export const printMigration =
  (schema: string, role: string): TE.TaskEither<string, string> =>
  async () =>
    (await import('./server-log.ts')).printMigrationScript(schema, role)

const openLogInDirectory =
  (dir: string, { durability, lockTimeoutMs }: LogOptions): TE.TaskEither<OpenLogFailure, OpenedLog> =>
  async () => {
    const lostLog = findLostLog(dir)
    if (lostLog !== undefined) return E.left(lostLog)
    return pipe(
      await openFileLog<Event>({ dir, codec: lineCodec, durability, lockTimeoutMs })(),
      E.mapLeft(failure => accessDenied(failure) ?? failure),
      E.map(log => ({ log, logId: undefined, place: { _tag: 'directory' as const, dir }, keepsQueueFile: true })),
    )
  }

const accessDenied = (failure: IoFailed | NoLog): AccessDenied | undefined => {
  if (failure.failure !== 'IoFailed' || failure.code !== 'EACCES') return undefined
  const denied = findAccessDenied(failure.path)
  return denied && withSystemError(denied, failure.systemError)
}
