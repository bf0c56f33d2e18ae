import { isContinued } from '@claimlog/event-log-line'
import type { Statement } from '../connect/session.ts'

/** The SQL by which the owner of a schema moves a log into it, for the tables in `schema`. */
export const moveStatements = (schema: string) => ({
  /** The workspace and its last line. `moved_to`: the id in that line if it is a move, '' if it has none. */
  readTarget: (workspaceId: number): Statement => ({
    text: `WITH last AS (
        SELECT e.seq, e.line FROM ${schema}.events e WHERE e.workspace = $1 ORDER BY e.seq DESC LIMIT 1
      )
      SELECT w.log_id, w.accepting, last.seq, ${schema}.line_hash(last.line) AS hash,
        CASE WHEN last.line::json->>'event' = 'moved' THEN coalesce(last.line::json->>'log_id', '') END AS moved_to
      FROM ${schema}.workspaces w LEFT JOIN last ON true WHERE w.id = $1`,
    values: [workspaceId],
  }),
  /** A new id: a log that was here before, and the processes that still have it open, must not continue it. */
  startMove: (workspaceId: number): Statement => ({
    text: `UPDATE ${schema}.workspaces SET accepting = false, log_id = gen_random_uuid() WHERE id = $1 RETURNING log_id`,
    values: [workspaceId],
  }),
  /**
   * Adds whole decisions after line `seq`, whose hash is `hash`, with the checks of every append but the one of the time:
   * a log may have lines of a clock that was ahead. Lines that are there stay, so that it can be sent again.
   */
  addLines: (workspaceId: number, seq: number, hash: string, lines: ReadonlyArray<string>): Statement => ({
    text: `INSERT INTO ${schema}.events (workspace, seq, line)
      SELECT $1, $2::bigint + l.n, l.line FROM unnest($4::text[]) WITH ORDINALITY AS l(line, n)
      WHERE (SELECT ${schema}.check_lines($2, $3, NULL, $4, $5, 'infinity'))
        AND NOT (SELECT w.accepting FROM ${schema}.workspaces w WHERE w.id = $1)
        AND ($2::bigint = 0 OR $3::text = (
          SELECT ${schema}.line_hash(e.line) FROM ${schema}.events e WHERE e.workspace = $1 AND e.seq = $2::bigint
        ))
      ON CONFLICT DO NOTHING`,
    values: [workspaceId, seq, hash, lines, decisionLengths(lines)],
  }),
  finishMove: (workspaceId: number): Statement => ({
    text: `UPDATE ${schema}.workspaces SET accepting = true WHERE id = $1`,
    values: [workspaceId],
  }),
})

/** The number of lines of each decision. */
const decisionLengths = (lines: ReadonlyArray<string>): ReadonlyArray<number> => {
  const lengths: Array<number> = []
  let length = 0
  for (const line of lines) {
    length += 1
    if (isContinued(line)) continue
    lengths.push(length)
    length = 0
  }
  // The server refuses a part of a decision.
  return length === 0 ? lengths : [...lengths, length]
}
