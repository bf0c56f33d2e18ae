import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { type IoFailed, type NoLog, type UnknownFormat, type Unreachable } from '@claimlog/event-log'
import type { PostgresLocation } from '../postgres-location.ts'
import { describeLocation } from '../url/describe-location.ts'
import { type Connection, monotonicMs, toRequestFailure } from './connection.ts'
import { isClockTime } from './server-clock.ts'
import { missingSchemaStates } from './server-error.ts'
import { statements, toWorkspaceRow, type WorkspaceRow } from './statements.ts'

/** The version of the schema that this version of claimlog knows. */
const schemaVersion = 1

/** Finds the workspace in the database, and checks that this version can use it. */
export const findWorkspaceRow =
  (
    connection: Connection,
    location: PostgresLocation,
    timeoutMs: number,
  ): TE.TaskEither<Unreachable | IoFailed | NoLog | UnknownFormat, WorkspaceRow> =>
  async () => {
    const path = describeLocation(location)
    const statement = statements(location.schema).findWorkspace(location.workspace)
    const answer = await connection.request(statement, monotonicMs() + timeoutMs)()
    if (E.isLeft(answer)) {
      const isMissing = missingSchemaStates.has(answer.left.error.code)
      return E.left(isMissing ? { failure: 'NoLog', path } : toRequestFailure(path, 'open', answer.left))
    }
    const row = toWorkspaceRow(answer.right)
    if (row === undefined) return E.left({ failure: 'NoLog', path })
    if (row.schemaVersion > schemaVersion) {
      const detail = `its schema has version ${row.schemaVersion}, and this version knows ${schemaVersion}`
      return E.left({ failure: 'UnknownFormat', path, line: 1, detail })
    }
    if (row.encoding !== 'UTF8') {
      const detail = `the encoding of the database is ${row.encoding}; a log needs UTF8`
      return E.left({ failure: 'IoFailed', path, operation: 'open', code: 'encoding', detail })
    }
    if (isPlausible(row)) return E.right(row)
    const detail = 'the answer of the server is none of the functions that claimlog made'
    return E.left({ failure: 'IoFailed', path, operation: 'open', code: 'answer', detail })
  }

const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** False for a server that only pretends to have claimlog's tables. */
const isPlausible = ({ id, logId, atMs, schemaVersion }: WorkspaceRow): boolean =>
  Number.isSafeInteger(id) && uuidPattern.test(logId) && isClockTime(atMs) && Number.isSafeInteger(schemaVersion)
