import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  defaultLockTimeoutMs,
  type IoFailed,
  type NoLog,
  type UnknownFormat,
  type Unreachable,
} from '@claimlog/event-log'
import { type Connection, monotonicMs, toRequestFailure, withConnection } from './connect/connection.ts'
import { findWorkspaceRow } from './connect/find-workspace-row.ts'
import type { PostgresLocation } from './postgres-location.ts'
import { describeLocation } from './url/describe-location.ts'
import { explainIdentifier } from './schema/identifier.ts'
import { turnLockKey } from './schema/turn-function.ts'
import { schemaVersion1 } from './schema/version-1.ts'
import { grantWorkerRole, workerRole } from './schema/worker-role.ts'

/** The SQL that makes the schema, for people who run it themselves: tables, functions, and the role of workers. */
const migrationScript = (schema: string, role = workerRole): string =>
  `${schemaVersion1(schema).trim()}\n\n${grantWorkerRole(schema, role).trim()}\n`

/** The SQL for names that a user chooses, or in words why it cannot be made with them. */
export const printMigrationScript = (schema: string, role: string): E.Either<string, string> => {
  for (const [option, name] of Object.entries({ schema, role })) {
    const problem = explainIdentifier(name)
    if (problem !== undefined) return E.left(`--${option} ${problem}`)
  }
  return E.right(migrationScript(schema, role))
}

/**
 * Creates the schema in the database if it does not exist, and the workspace with an empty log; an existing one stays as
 * it is. The user must own the schema or be allowed to create it. Waits for the server as long as `timeoutMs`.
 */
export const createPostgresLog = (
  location: PostgresLocation,
  timeoutMs = defaultLockTimeoutMs,
): TE.TaskEither<Unreachable | IoFailed | NoLog | UnknownFormat, void> => {
  const deadlineMs = monotonicMs() + timeoutMs
  return withConnection(location, timeoutMs, connection =>
    pipe(
      findWorkspaceRow(connection, location, timeoutMs),
      TE.map(() => undefined),
      TE.orElseW(failure =>
        failure.failure === 'NoLog' ? createWorkspace(connection, location, deadlineMs) : TE.left(failure),
      ),
    ),
  )
}

/**
 * Two processes may do this at once: each statement is one transaction, under a lock, and a no-op the second time. No
 * workspace has the id 0, to which the lock belongs.
 */
const createWorkspace = (
  connection: Connection,
  location: PostgresLocation,
  deadlineMs: number,
): TE.TaskEither<Unreachable | IoFailed, void> => {
  const { schema, workspace } = location
  const text = `DO $migrate$ BEGIN
    PERFORM pg_advisory_xact_lock(${turnLockKey}, 0);
    IF to_regclass('${schema}.schema_version') IS NULL THEN
      EXECUTE ${quoteLiteral(migrationScript(schema))};
    END IF;
    INSERT INTO ${schema}.workspaces (name) VALUES (${quoteLiteral(workspace)}) ON CONFLICT DO NOTHING;
  END $migrate$`
  return pipe(
    connection.request({ text }, deadlineMs),
    TE.bimap(
      noAnswer => toRequestFailure(describeLocation(location), 'create', noAnswer),
      () => undefined,
    ),
  )
}

/** A literal that can stand between dollar quotes, too: it has no dollar sign. */
const quoteLiteral = (text: string): string =>
  `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('$', '\\x24')}'`
