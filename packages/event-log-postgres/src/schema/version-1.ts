import { createAppendFunction } from './append-function.ts'
import { createCheckFunctions } from './check-function.ts'
import { createTables } from './tables.ts'

const createReadFunction = (schema: string): string => `
-- The lines from \`first\` on, in order: at most \`lines_max\` and 4 MiB of them, but at least one.
CREATE FUNCTION ${schema}.read_lines(workspace_id int, first bigint, lines_max int)
RETURNS TABLE (seq bigint, line text) LANGUAGE sql STABLE AS $$
  SELECT p.seq, p.line FROM (
    SELECT e.seq, e.line, sum(octet_length(e.line)) OVER (ORDER BY e.seq) AS total
    FROM (
      SELECT b.seq, b.line FROM ${schema}.events b
      WHERE b.workspace = workspace_id AND b.seq >= first ORDER BY b.seq LIMIT lines_max
    ) e
  ) p WHERE p.total <= 4194304 OR p.seq = first ORDER BY p.seq
$$;
`

/**
 * Version 1 of the schema: the tables, and the functions that workers call.
 *
 * `append` runs with the rights of its owner and is the only way in which a worker can write. It checks what a line
 * must have whatever it says: that it follows the end of the log, its number, its hash, its size and its time. The
 * primary key alone decides which of two appends succeeds; the lock is for fairness only.
 */
export const schemaVersion1 = (schema: string): string => `
${createTables(schema)}
${createCheckFunctions(schema)}
${createReadFunction(schema)}
${createAppendFunction(schema)}
REVOKE ALL ON ALL TABLES IN SCHEMA ${schema} FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ${schema} FROM PUBLIC;

INSERT INTO ${schema}.schema_version (version) VALUES (1);
`
