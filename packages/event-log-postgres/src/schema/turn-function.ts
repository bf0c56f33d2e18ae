/** The key of the advisory lock by which processes take turns to append to a log; its second part is the workspace. */
export const turnLockKey = 1129072455

/** The function that waits for a turn to append. */
export const createTurnFunction = (schema: string): string => `
-- Waits until no other session has a turn to append. \`never\`: takes none itself, as a pooler runs each statement in
-- another session. \`if_needed\`, \`take\`: takes the next one. \`pass_on\`: the same, after those who wait already. True
-- if this session has a turn now: until it releases the turn, ends, or is idle for 200 ms. Waits for 500 ms at most. Both
-- times are short because of sessions whose client is gone: they, too, wait and get a turn, one after the other.
CREATE FUNCTION ${schema}.take_turn(workspace_id int, turn text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SET lock_timeout = '500ms' AS $$
BEGIN
  -- All, because that is silent if this is another session than the one that had the turn.
  IF turn = 'pass_on' THEN PERFORM pg_advisory_unlock_all(); END IF;
  IF turn = 'never' THEN
    PERFORM pg_advisory_xact_lock_shared(${turnLockKey}, workspace_id);
    RETURN false;
  END IF;
  PERFORM pg_advisory_lock(${turnLockKey}, workspace_id);
  PERFORM set_config('idle_session_timeout', '200ms', false);
  RETURN true;
EXCEPTION WHEN lock_not_available THEN
  -- It is for fairness only, and every role that can connect can hold it: the key of the table decides.
  RETURN false;
END $$;
`
