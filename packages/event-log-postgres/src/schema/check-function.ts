/** The functions that check lines: their hash, number, size and time. */
export const createCheckFunctions = (schema: string): string => `
-- The hash digits at the end of a line: ,"hash":"<32 digits>"}
CREATE FUNCTION ${schema}.line_hash(line text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT left(right(line, 34), 32) $$;

-- The hash that a line must have after a line with the hash \`previous\`.
CREATE FUNCTION ${schema}.next_hash(previous text, line text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT left(encode(sha256(convert_to(previous || left(line, -43) || '}', 'UTF8')), 'hex'), 32) $$;

CREATE FUNCTION ${schema}.clock_ms() RETURNS double precision LANGUAGE sql VOLATILE AS
  $$ SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::double precision $$;

-- Raises CL002 unless \`lines\` are the lines of one whole decision after \`expected\`, and CL004 if they are from the future.
CREATE FUNCTION ${schema}.check_lines(expected bigint, previous text, previous_line text, lines text[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  hash text := previous;
  latest text := greatest(
    to_char(clock_timestamp() AT TIME ZONE 'UTC' + interval '5 seconds', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    substring(right(previous_line, 90) FROM '"time":"([^"]{24})"')
  ) COLLATE "C";
  line text;
  line_time text;
  i int := 0;
BEGIN
  IF cardinality(lines) = 0 THEN RAISE EXCEPTION 'no line' USING ERRCODE = 'CL002'; END IF;
  FOREACH line IN ARRAY lines LOOP
    i := i + 1;
    line_time := (regexp_match(right(line, 90), '"time":"([0-9TZ:.-]{24})"(,"more":true)?,"hash":"[0-9a-f]{32}"[}]$'))[1];
    IF line IS NULL OR octet_length(line) >= 1048576 OR position(E'\\n' IN line) > 0
      OR NOT starts_with(line, '{"seq":' || (expected + i) || ',') OR line_time IS NULL
      OR ((right(line, 55) LIKE ',"more":true,"hash":%') <> (i < cardinality(lines)))
      OR ${schema}.line_hash(line) <> ${schema}.next_hash(hash, line)
    THEN
      RAISE EXCEPTION 'line % does not follow the log', expected + i USING ERRCODE = 'CL002';
    END IF;
    PERFORM line::json;
    IF line_time COLLATE "C" > latest THEN
      RAISE EXCEPTION 'the time of line %, %, is in the future', expected + i, line_time USING ERRCODE = 'CL004';
    END IF;
    hash := ${schema}.line_hash(line);
  END LOOP;
END $$;
`
