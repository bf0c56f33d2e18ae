import { turnLockKey } from '../schema/turn-function.ts'
import type { Rows, Statement } from './session.ts'

/** The most lines that one answer has. Answers are limited to 4 MiB, too, or to one line. */
const pageLinesMax = 1000
const pageBytesMax = 4 * 1024 * 1024
const lineBytesMax = 1024 * 1024

/** A line of the log, as the server returns it. */
export type LineRow = { readonly seq: number; readonly line: string }

/** The lines of an answer, the server's clock, and whether the log ends with them. */
export type LinePage = { readonly rows: ReadonlyArray<LineRow>; readonly atMs: number; readonly isLast: boolean }

/** The row of a workspace, and what this version must know about its server. */
export type WorkspaceRow = {
  readonly id: number
  readonly logId: string
  readonly accepting: boolean
  readonly schemaVersion: number
  readonly encoding: string
  readonly atMs: number
  /** The process of the server that answered, to compare with {@link ServerSession.serverPid}. */
  readonly serverPid: number
  /** True if it can end a session that is idle for too long: since PostgreSQL 14. */
  readonly endsIdleSessions: boolean
}

/** The part of an append that is about turns, see the function `take_turn` of the schema. */
export type TurnRequest = 'never' | 'keep' | 'if_needed' | 'take' | 'pass_on'

/** The SQL of every request, for the tables in `schema`. */
export const statements = (schema: string) => ({
  findWorkspace: (name: string): Statement => ({
    text: `SELECT w.id, w.log_id, w.accepting, (SELECT max(version) FROM ${schema}.schema_version) AS version,
      current_setting('server_encoding') AS encoding, ${schema}.clock_ms() AS at, pg_backend_pid() AS pid,
      current_setting('idle_session_timeout', true) IS NOT NULL AS ends_idle_sessions
      FROM ${schema}.workspaces w WHERE w.name = $1`,
    values: [name],
  }),
  readPage: (workspaceId: number, first: number): Statement => ({
    name: 'claimlog_read',
    text: `SELECT ${schema}.clock_ms() AS at, r.seq, r.line
      FROM (SELECT 1) AS one LEFT JOIN ${schema}.read_lines($1, $2, ${pageLinesMax}) r ON true ORDER BY r.seq`,
    values: [workspaceId, first],
  }),
  append: ({
    workspaceId,
    expectedSeq,
    previousHash,
    lines,
    decisionLengths,
    appendId,
    durable,
    turn,
  }: AppendRequest): Statement => ({
    name: 'claimlog_append',
    isAppend: true,
    text: `SELECT at, awaited, has_turn, seq, line FROM ${schema}.append($1, $2, $3, $4, $5, $6, $7, $8)`,
    values: [workspaceId, expectedSeq, previousHash, lines, decisionLengths, appendId, durable, turn],
  }),
  readLines: (workspaceId: number, seqs: ReadonlyArray<number>): Statement => ({
    text: `SELECT e.seq, e.line, (SELECT ${schema}.line_hash(p.line) FROM ${schema}.events p
        WHERE p.workspace = e.workspace AND p.seq = e.seq - 1) AS previous
      FROM ${schema}.events e WHERE e.workspace = $1 AND e.seq = ANY($2::bigint[])`,
    values: [workspaceId, seqs],
  }),
  readHash: (workspaceId: number, seq: number): Statement => ({
    text: `SELECT ${schema}.line_hash(line) AS hash FROM ${schema}.events WHERE workspace = $1 AND seq = $2`,
    values: [workspaceId, seq],
  }),
  readEnd: (workspaceId: number): Statement => ({
    text: `SELECT max(seq) AS seq FROM ${schema}.events WHERE workspace = $1`,
    values: [workspaceId],
  }),
  /** Not in the append's transaction: that would make all appends of the server wait for each other. */
  notify: (workspaceId: number): Statement => ({
    text: `SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, '')`,
    values: [channel(workspaceId)],
  }),
  /** Tells appends that notifications are wanted, for as long as the session lasts. */
  holdListenerLock: (workspaceId: number): Statement => ({
    text: 'SELECT pg_advisory_lock_shared(1129072456, $1)',
    values: [workspaceId],
  }),
  readServerPid: (): Statement => ({ text: 'SELECT pg_backend_pid() AS pid' }),
  listen: (workspaceId: number): Statement => ({ text: `LISTEN ${channel(workspaceId)}` }),
  /** This session holds no other locks than that of a turn. */
  releaseTurn: (): Statement => ({
    text: `SELECT pg_advisory_unlock_all(), set_config('idle_session_timeout', NULL, false)`,
  }),
  /** Keeps other appends away until the transaction ends, which it does by itself if this client stands still. */
  lockExclusively: (workspaceId: number, waitMs: number, idleMs: number): Statement => ({
    text: `SELECT set_config('idle_in_transaction_session_timeout', $3, true),
      set_config('lock_timeout', $2, true), pg_advisory_xact_lock(${turnLockKey}, $1)`,
    values: [workspaceId, `${Math.max(1, Math.round(waitMs))}ms`, `${Math.round(idleMs)}ms`],
  }),
})

export type Statements = ReturnType<typeof statements>

/** The lines of one or more decisions to append, and how many lines each decision has. */
export type AppendRequest = {
  readonly workspaceId: number
  readonly expectedSeq: number
  readonly previousHash: string
  readonly lines: ReadonlyArray<string>
  readonly decisionLengths: ReadonlyArray<number>
  readonly appendId: string
  readonly durable: boolean
  readonly turn: TurnRequest
}

const channel = (workspaceId: number): string => `claimlog_${workspaceId}`

export const toWorkspaceRow = ([row]: Rows): WorkspaceRow | undefined =>
  row && {
    id: Number(row['id']),
    logId: String(row['log_id']),
    accepting: row['accepting'] === true,
    schemaVersion: Number(row['version']),
    encoding: String(row['encoding']),
    atMs: Number(row['at']),
    serverPid: Number(row['pid']),
    endsIdleSessions: row['ends_idle_sessions'] === true,
  }

export const toPage = (rows: Rows): LinePage => {
  const lines: Array<LineRow> = []
  let bytes = 0
  for (const { seq, line } of rows) {
    if (typeof line !== 'string') continue
    lines.push({ seq: Number(seq), line })
    bytes += line.length
  }
  // The server leaves a line out only if it would not fit. Characters may have up to three bytes here.
  const isLast = lines.length < pageLinesMax && 3 * bytes <= pageBytesMax - lineBytesMax
  return { rows: lines, atMs: Number(rows[0]?.['at']), isLast: isLast || lines.length === 0 }
}
