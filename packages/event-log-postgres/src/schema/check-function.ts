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

-- Raises CL002 unless \`lines\` are the lines of one whole decision after \`expected\`, and CL004 if they are from the future.
CREATE FUNCTION ${schema}.check_lines(expected bigint, previous text, previous_line text, lines text[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  hash text := previous;
  latest timestamptz := greatest(clock_timestamp() + interval '5 seconds', ${schema}.line_time(previous_line));
  line text;
  line_at timestamptz;
  parsed json;
  i int := 0;
BEGIN
  IF cardinality(lines) = 0 THEN RAISE EXCEPTION 'no line' USING ERRCODE = 'CL002'; END IF;
  FOREACH line IN ARRAY lines LOOP
    i := i + 1;
    line_at := ${schema}.line_time(line);
    IF line IS NULL OR line_at IS NULL OR octet_length(line) >= 1048576 OR position(E'\\n' IN line) > 0
      OR NOT starts_with(line, '{"seq":' || (expected + i) || ',')
      OR ((right(line, 55) LIKE ',"more":true,"hash":%') <> (i < cardinality(lines)))
      OR right(line, 43) <> ',"hash":"' ||
        left(encode(sha256(convert_to(hash || left(line, -43) || '}', 'UTF8')), 'hex'), 32) || '"}'
    THEN
      RAISE EXCEPTION 'line % does not follow the log', expected + i USING ERRCODE = 'CL002';
    END IF;
    parsed := line::json;
    IF line_at > latest THEN
      RAISE EXCEPTION 'the time of line %, %, is in the future', expected + i, line_at USING ERRCODE = 'CL004';
    END IF;
    hash := ${schema}.line_hash(line);
  END LOOP;
END $$;
`
