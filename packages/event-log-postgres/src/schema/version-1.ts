import { appendSignature, createAppendFunction } from './append-function.ts'
import { createCheckFunctions } from './check-function.ts'
import { createTables, listTables } from './tables.ts'

const createReadFunction = (schema: string): string => `
-- The lines from \`first\` on, in order: at most \`lines_max\` and 4 MiB of them, but at least one.
CREATE FUNCTION ${schema}.read_lines(workspace_id int, first bigint, lines_max int)
RETURNS TABLE (seq bigint, line text) LANGUAGE sql STABLE SET enable_seqscan = off AS $$
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
 * primary key alone decides which of two appends succeeds; turns are for fairness only.
 *
 * It names each table and function: the schema may have been there before, with those of others.
 */
export const schemaVersion1 = (schema: string): string => `
${createTables(schema)}
${createCheckFunctions(schema)}
${createReadFunction(schema)}
${createAppendFunction(schema)}
REVOKE ALL ON TABLE ${listTables(schema)} FROM PUBLIC;
REVOKE ALL ON FUNCTION
  ${schema}.refuse_change(), ${schema}.line_hash(text), ${schema}.line_time(text), ${schema}.clock_ms(),
  ${schema}.check_lines(bigint, text, text, text[], int[], timestamptz), ${schema}.read_lines(int, bigint, int),
  ${schema}.is_awaited(int), ${schema}.take_turn(int, text), ${schema}.${appendSignature}
  FROM PUBLIC;

INSERT INTO ${schema}.schema_version (version) VALUES (1);
`
