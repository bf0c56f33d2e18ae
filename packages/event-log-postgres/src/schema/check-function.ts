/** The functions that check lines: their hash, number, size and time. */
export const createCheckFunctions = (schema: string): string => `
-- The hash digits at the end of a line: ,"hash":"<32 digits>"}
CREATE FUNCTION ${schema}.line_hash(line text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT left(right(line, 34), 32) $$;

-- The time of a line, which is before its hash, or before "more" and its hash; NULL if it has none there.
CREATE FUNCTION ${schema}.line_time(line text) RETURNS timestamptz LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  field text := right(left(line, CASE WHEN right(line, 55) LIKE ',"more":true,"hash":%' THEN -55 ELSE -43 END), 34);
BEGIN
  IF field LIKE ',"time":"____-__-__T__:__:__.___Z"' THEN RETURN substr(field, 10, 24)::timestamptz; END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION ${schema}.clock_ms() RETURNS double precision LANGUAGE sql VOLATILE AS
  $$ SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::double precision $$;

-- True if \`lines\` are whole decisions after \`expected\`, of \`lasts\` lines each. Otherwise raises CL002; or CL004 if one
-- is later than \`latest\` and than \`previous_line\`. Works on bytes: text is searched character by character.
CREATE FUNCTION ${schema}.check_lines(
  expected bigint, previous text, previous_line text, lines text[], lasts int[], latest timestamptz
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  hash bytea := convert_to(previous, 'UTF8');
  line text;
  bytes bytea;
  size int;
  time_end int;
  time_field text;
  line_at timestamptz;
  parsed json;
  i int := 0;
  decision int := 1;
  decision_end int := lasts[1];
BEGIN
  FOREACH line IN ARRAY lines LOOP
    i := i + 1;
    IF i > decision_end THEN
      decision := decision + 1;
      decision_end := decision_end + lasts[decision];
    END IF;
    bytes := convert_to(line, 'UTF8');
    size := length(bytes);
    time_end := size - CASE WHEN i = decision_end THEN 43 ELSE 55 END;
    IF line IS NULL OR decision_end IS NULL OR decision_end < i OR time_end < 34 OR size >= 1048576
      OR position('\\x0a'::bytea IN bytes) > 0
      OR NOT starts_with(line, '{"seq":' || (expected + i) || ',')
      OR (i < decision_end AND substr(bytes, time_end + 1, 12) <> ',"more":true'::bytea)
      OR (i = decision_end AND substr(bytes, time_end - 11, 12) = ',"more":true'::bytea)
      OR substr(bytes, size - 42) <> convert_to(',"hash":"' ||
        left(encode(sha256(hash || substr(bytes, 1, size - 43) || '\\x7d'::bytea), 'hex'), 32) || '"}', 'UTF8')
    THEN
      RAISE EXCEPTION 'line % does not follow the log', expected + i USING ERRCODE = 'CL002';
    END IF;
    time_field := encode(substr(bytes, time_end - 33, 34), 'escape');
    IF time_field NOT LIKE ',"time":"____-__-__T__:__:__.___Z"' THEN
      RAISE EXCEPTION 'line % has no time', expected + i USING ERRCODE = 'CL002';
    END IF;
    parsed := line::json;
    line_at := substr(time_field, 10, 24)::timestamptz;
    IF line_at > latest AND line_at > coalesce(${schema}.line_time(previous_line), '-infinity') THEN
      RAISE EXCEPTION 'the time of line %, %, is in the future', expected + i, line_at USING ERRCODE = 'CL004';
    END IF;
    hash := substr(bytes, size - 33, 32);
  END LOOP;
  IF i = 0 OR i <> decision_end OR decision <> cardinality(lasts) THEN
    RAISE EXCEPTION 'the lines are not whole decisions' USING ERRCODE = 'CL002';
  END IF;
  RETURN true;
END $$;
`
