const createAwaitedFunction = (schema: string): string => `
-- True if a process waits for notifications of a log: those that listen hold this lock together.
CREATE FUNCTION ${schema}.is_awaited(workspace_id int) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF NOT pg_try_advisory_lock(1129072456, workspace_id) THEN RETURN true; END IF;
  PERFORM pg_advisory_unlock(1129072456, workspace_id);
  RETURN false;
END $$;
`

/** NULL is neither equal nor unequal to anything, so it would pass the checks of `append`. */
const checkArguments = `IF num_nulls(workspace_id, expected, previous, new_lines, lasts, id, durable) > 0
    OR cardinality(lasts) = 0 OR expected < 0 OR (expected = 0 AND previous <> '')
  THEN
    RAISE EXCEPTION 'not an append' USING ERRCODE = 'CL002';
  END IF;`

const takeTurn = `IF NOT pg_try_advisory_xact_lock_shared(1129072455, workspace_id) THEN
    BEGIN
      PERFORM pg_advisory_xact_lock_shared(1129072455, workspace_id);
    EXCEPTION WHEN lock_not_available THEN
      -- It is for fairness only, and every role that can connect can hold it: the key of the table decides.
      NULL;
    END;
  END IF;`

/** The function that appends. It calls those of `check-function.ts` and `read_lines`. */
export const createAppendFunction = (schema: string): string => `${createAwaitedFunction(schema)}
-- Appends the lines of one or more decisions if the log of a workspace still ends at \`expected\`, at a line with the hash
-- \`previous\`. Idempotent: the same append sent again, over another connection, leads to one append and the same answer.
-- Returns one row without a line if the lines are in the log; or the lines after \`expected\`, up to 1000 or 4 MiB. Each
-- row has the server's clock. \`awaited\`: a process waits for notifications of this log. \`lasts\`: number of lines of each decision.
-- No scans of whole tables: a session keeps a plan once it is made, and that of a short log would be kept while it grows.
CREATE FUNCTION ${schema}.append(
  workspace_id int, expected bigint, previous text, new_lines text[], lasts int[], id uuid, durable boolean
) RETURNS TABLE (at double precision, awaited boolean, seq bigint, line text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  last_line text;
  next_id uuid;
  is_followed boolean;
  accepts boolean;
  first int := 1;
  size int;
  inserted int;
BEGIN
  ${checkArguments}
  ${takeTurn}
  IF durable = (current_setting('synchronous_commit') = 'off') THEN
    PERFORM set_config('synchronous_commit', CASE WHEN durable THEN 'on' ELSE 'off' END, true);
  END IF;
  SELECT
    (SELECT e.line FROM ${schema}.events e WHERE e.workspace = workspace_id AND e.seq = expected),
    (SELECT e.append_id FROM ${schema}.events e WHERE e.workspace = workspace_id AND e.seq = expected + 1),
    EXISTS (SELECT FROM ${schema}.events e WHERE e.workspace = workspace_id AND e.seq = expected + 1),
    (SELECT w.accepting FROM ${schema}.workspaces w WHERE w.id = workspace_id)
    INTO last_line, next_id, is_followed, accepts;
  IF expected > 0 AND next_id IS DISTINCT FROM id AND ${schema}.line_hash(last_line) IS DISTINCT FROM previous THEN
    RAISE EXCEPTION 'another history' USING ERRCODE = 'CL001';
  END IF;
  IF NOT is_followed THEN
    IF accepts IS DISTINCT FROM true THEN
      RAISE EXCEPTION 'the workspace was moved' USING ERRCODE = 'CL003';
    END IF;
    FOREACH size IN ARRAY lasts LOOP
      PERFORM ${schema}.check_lines(
        expected + first - 1,
        CASE WHEN first = 1 THEN previous ELSE ${schema}.line_hash(new_lines[first - 1]) END,
        CASE WHEN first = 1 THEN last_line ELSE new_lines[first - 1] END,
        new_lines[first:first + size - 1]
      );
      first := first + size;
    END LOOP;
    IF first - 1 <> cardinality(new_lines) THEN RAISE EXCEPTION 'lines are left over' USING ERRCODE = 'CL002'; END IF;
    INSERT INTO ${schema}.events (workspace, seq, line, append_id)
      VALUES (workspace_id, expected + 1, new_lines[1], id) ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS inserted = ROW_COUNT;
    IF inserted = 1 THEN
      IF cardinality(new_lines) > 1 THEN
        INSERT INTO ${schema}.events (workspace, seq, line, append_id)
          SELECT workspace_id, expected + 1 + n, l, id FROM unnest(new_lines[2:]) WITH ORDINALITY AS u(l, n);
      END IF;
      RETURN QUERY SELECT ${schema}.clock_ms(), ${schema}.is_awaited(workspace_id), NULL::bigint, NULL::text;
      RETURN;
    END IF;
    -- Another append was faster; it may be this one, sent before over another connection.
    SELECT e.append_id INTO next_id FROM ${schema}.events e WHERE e.workspace = workspace_id AND e.seq = expected + 1;
  END IF;
  IF next_id = id THEN
    -- So that this answer, too, waits until the lines are durable.
    PERFORM pg_logical_emit_message(true, 'claimlog', '');
    RETURN QUERY SELECT ${schema}.clock_ms(), true, NULL::bigint, NULL::text;
    RETURN;
  END IF;
  RETURN QUERY SELECT ${schema}.clock_ms(), NULL::boolean, r.seq, r.line FROM ${schema}.read_lines(workspace_id, expected + 1, 1000) r;
END $$;
`
