import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { IoFailed, NoLog, UnknownFormat, Unreachable } from '@claimlog/event-log'
import { type Connection, monotonicMs, toRequestFailure, withConnection } from './connect/connection.ts'
import { findWorkspaceRow } from './connect/find-workspace-row.ts'
import type { Rows } from './connect/session.ts'
import type { PostgresLocation } from './postgres-location.ts'
import { appendSignature } from './schema/append-function.ts'
import { describeLocation } from './url/describe-location.ts'

/** The properties of a server, and of this user on it, on which the promises of a log depend. */
export type ServerFacts = {
  /** The URL without its password. */
  readonly url: string
  readonly version: string
  readonly user: string
  /** The user as SQL writes it: in quotes if it needs them. */
  readonly userIdentifier: string
  /** True if the connection is encrypted. */
  readonly isEncrypted: boolean
  readonly tls: PostgresLocation['tls']['_tag']
  /** True if a pooler is between, which loses notifications. */
  readonly isPooled: boolean
  readonly isStandby: boolean
  readonly fsync: boolean
  readonly fullPageWrites: boolean
  readonly synchronousStandbyNames: string
  /** The number of replicas that follow the server now. */
  readonly replicas: number
  readonly canRead: boolean
  readonly canAppend: boolean
  /** True if this user may change the table itself, as its owner or as a superuser. */
  readonly canWriteRows: boolean
  /** The UUID of the log. */
  readonly logId: string
  readonly schemaVersion: number
  readonly accepting: boolean
  readonly connectionsMax: number
  /** The time that one question and its answer take. */
  readonly roundTripMs: number
  /** The server's clock minus this machine's. */
  readonly clockOffsetMs: number
}

const inspectTimeoutMs = 5000

/** Asks the server of a log for everything on which its promises depend. Writes nothing. */
export const inspectServer = (
  location: PostgresLocation,
): TE.TaskEither<Unreachable | IoFailed | NoLog | UnknownFormat, ServerFacts> =>
  withConnection(location, inspectTimeoutMs, connection =>
    pipe(
      findWorkspaceRow(connection, location, inspectTimeoutMs),
      TE.chainW(({ logId, schemaVersion, accepting }) =>
        pipe(
          askForFacts(connection, location),
          TE.map(facts => ({ ...facts, logId, schemaVersion, accepting })),
        ),
      ),
    ),
  )

const askForFacts = (
  connection: Connection,
  location: PostgresLocation,
): TE.TaskEither<Unreachable | IoFailed, Omit<ServerFacts, 'logId' | 'schemaVersion' | 'accepting'>> => {
  const { schema } = location
  const text = `SELECT current_setting('server_version') AS version, current_user AS "user", quote_ident(current_user) AS user_identifier,
    pg_is_in_recovery() AS standby, current_setting('fsync') AS fsync, pg_backend_pid() AS pid,
    current_setting('full_page_writes') AS full_page_writes, current_setting('max_connections')::int AS connections_max,
    current_setting('synchronous_standby_names') AS standby_names,
    (SELECT count(*)::int FROM pg_stat_replication) AS replicas,
    coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS encrypted,
    has_table_privilege('${schema}.events', 'SELECT') AS can_read,
    has_function_privilege('${schema}.${appendSignature}', 'EXECUTE') AS can_append,
    has_table_privilege('${schema}.events', 'INSERT, UPDATE, DELETE, TRUNCATE') AS can_write_rows,
    extract(epoch FROM clock_timestamp())::double precision * 1000 AS at`
  let startMs = 0
  const ask: ReturnType<Connection['request']> = async () => {
    startMs = monotonicMs()
    return connection.request({ text }, monotonicMs() + inspectTimeoutMs)()
  }
  return pipe(
    ask,
    TE.bimap(
      noAnswer => toRequestFailure(describeLocation(location), 'inspect', noAnswer),
      rows => toFacts(location, rows, monotonicMs() - startMs, connection.serverPid()),
    ),
  )
}

const toFacts = (
  location: PostgresLocation,
  [row = {}]: Rows,
  roundTripMs: number,
  serverPid: number | undefined,
): Omit<ServerFacts, 'logId' | 'schemaVersion' | 'accepting'> => ({
  url: describeLocation(location),
  version: String(row['version']),
  user: String(row['user']),
  userIdentifier: String(row['user_identifier']),
  isEncrypted: row['encrypted'] === true,
  tls: location.tls._tag,
  isPooled: row['pid'] !== serverPid,
  isStandby: row['standby'] === true,
  fsync: row['fsync'] === 'on',
  fullPageWrites: row['full_page_writes'] === 'on',
  synchronousStandbyNames: String(row['standby_names']),
  replicas: Number(row['replicas']),
  canRead: row['can_read'] === true,
  canAppend: row['can_append'] === true,
  canWriteRows: row['can_write_rows'] === true,
  connectionsMax: Number(row['connections_max']),
  roundTripMs,
  clockOffsetMs: Number(row['at']) - (Date.now() - roundTripMs / 2),
})
