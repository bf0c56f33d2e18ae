import { createTurnFunction, turnLockKey } from './turn-function.ts'

const createAwaitedFunction = (schema: string): string => `
-- True if a process waits for notifications of a log: those that listen hold this lock together.
CREATE FUNCTION ${schema}.is_awaited(workspace_id int) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF NOT pg_try_advisory_lock(1129072456, workspace_id) THEN RETURN true; END IF;
  PERFORM pg_advisory_unlock(1129072456, workspace_id);
  RETURN false;
END $$;
`

/** NULL is neither equal nor unequal to anything, and arrays can have other bounds: both would pass the later checks. */
const checkArguments = `IF num_nulls(workspace_id, expected, previous, new_lines, lasts, id, durable, turn) > 0
    OR array_ndims(new_lines) IS DISTINCT FROM 1 OR array_lower(new_lines, 1) <> 1
    OR cardinality(lasts) = 0 OR expected < 0 OR (expected = 0 AND previous <> '')
    OR turn NOT IN ('never', 'keep', 'if_needed', 'take', 'pass_on')
  THEN
    RAISE EXCEPTION 'not an append' USING ERRCODE = 'CL002';
  END IF;`

/** The first line alone decides: the append that inserts it owns the next numbers. */
const insertLines = (schema: string): string => `INSERT INTO ${schema}.events (workspace, seq, line, append_id)
      VALUES (workspace_id, expected + 1, new_lines[1], id) ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS inserted = ROW_COUNT;
    IF inserted = 1 AND cardinality(new_lines) > 1 THEN
      INSERT INTO ${schema}.events (workspace, seq, line, append_id)
        SELECT workspace_id, expected + 1 + n, l, id FROM unnest(new_lines[2:]) WITH ORDINALITY AS u(l, n);
    END IF;`

/** The types of the arguments of `append`, to name it in GRANT and REVOKE. */
export const appendSignature = 'append(int, bigint, text, text[], int[], uuid, boolean, text)'

/** The function that appends. It calls those of `check-function.ts` and `read_lines`. */
export const createAppendFunction = (
  schema: string,
): string => `${createAwaitedFunction(schema)}${createTurnFunction(schema)}
-- Appends the lines of one or more decisions if the log of a workspace still ends at \`expected\`, at a line with the hash
-- \`previous\`. Idempotent: the same append sent again, over another connection, leads to one append and the same answer.
-- Returns one row without a line if the lines are in the log; or the lines after \`expected\`, up to 1000 or 4 MiB. Each
-- row has the server's clock, and whether this session took its turn, see \`take_turn\`. \`awaited\`: a process waits for
-- notifications of this log. \`lasts\`: number of lines of each decision. Without scans of whole tables: a plan is made
-- once per session, and one that is right while the log is short would be kept while it grows.
CREATE FUNCTION ${schema}.append(
  workspace_id int, expected bigint, previous text, new_lines text[], lasts int[], id uuid, durable boolean, turn text
) RETURNS TABLE (at double precision, awaited boolean, has_turn boolean, seq bigint, line text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  last_line text;
  next_id uuid;
  is_followed boolean;
  accepts boolean;
  is_sound boolean;
  inserted int;
BEGIN
  ${checkArguments}
  has_turn := false;
  -- A session that keeps its turn must not ask for the lock: those who wait for it would come first.
  IF turn IN ('take', 'pass_on') OR turn <> 'keep' AND NOT pg_try_advisory_xact_lock_shared(${turnLockKey}, workspace_id) THEN
    has_turn := ${schema}.take_turn(workspace_id, turn);
  END IF;
  IF durable = (current_setting('synchronous_commit') = 'off') THEN
    PERFORM set_config('synchronous_commit', CASE WHEN durable THEN 'on' ELSE 'off' END, true);
  END IF;
  SELECT w.accepting, l.line, n.append_id, n.seq IS NOT NULL INTO accepts, last_line, next_id, is_followed
    FROM (SELECT 1) AS one
    LEFT JOIN ${schema}.workspaces w ON w.id = workspace_id
    LEFT JOIN ${schema}.events l ON l.workspace = workspace_id AND l.seq = expected
    LEFT JOIN ${schema}.events n ON n.workspace = workspace_id AND n.seq = expected + 1;
  IF expected > 0 AND next_id IS DISTINCT FROM id AND ${schema}.line_hash(last_line) IS DISTINCT FROM previous THEN
    RAISE EXCEPTION 'another history' USING ERRCODE = 'CL001';
  END IF;
  IF NOT is_followed THEN
    IF accepts IS DISTINCT FROM true THEN
      RAISE EXCEPTION 'the workspace was moved' USING ERRCODE = 'CL003';
    END IF;
    -- An expression, which takes less time than a statement.
    is_sound := ${schema}.check_lines(
      expected, previous, last_line, new_lines, lasts, clock_timestamp() + interval '5 seconds'
    );
    ${insertLines(schema)}
    IF inserted = 1 THEN
      at := ${schema}.clock_ms();
      awaited := ${schema}.is_awaited(workspace_id);
      RETURN NEXT;
      RETURN;
    END IF;
    -- Another append was faster; it may be this one, sent before over another connection.
    SELECT e.append_id INTO next_id FROM ${schema}.events e WHERE e.workspace = workspace_id AND e.seq = expected + 1;
  END IF;
  IF next_id = id THEN
    -- So that this answer, too, waits until the lines are durable.
    PERFORM pg_logical_emit_message(true, 'claimlog', '');
    at := ${schema}.clock_ms();
    awaited := true;
    RETURN NEXT;
    RETURN;
  END IF;
  RETURN QUERY SELECT ${schema}.clock_ms(), NULL::boolean, has_turn, r.seq, r.line
    FROM ${schema}.read_lines(workspace_id, expected + 1, 1000) r;
END $$;
`
