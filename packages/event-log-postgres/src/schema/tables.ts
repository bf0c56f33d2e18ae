/** The names of the tables, for GRANT and REVOKE. */
export const listTables = (schema: string): string =>
  ['schema_version', 'workspaces', 'events'].map(table => `${schema}.${table}`).join(', ')

/** The tables. No row of `events` is ever changed. */
export const createTables = (schema: string): string => `
CREATE SCHEMA IF NOT EXISTS ${schema};

CREATE TABLE ${schema}.schema_version (
  version int PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ${schema}.workspaces (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE CHECK (char_length(name) BETWEEN 1 AND 63),
  log_id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
  accepting boolean NOT NULL DEFAULT true
);

-- One line of a log per row, without its newline. append_id tells an append that is sent again from another one that
-- wants to write the same line. No index but the primary key, no row is ever changed. No CHECK, which would be parsed
-- for each append: the function that appends checks more.
CREATE TABLE ${schema}.events (
  workspace int NOT NULL,
  seq bigint NOT NULL,
  line text COLLATE "C" NOT NULL,
  append_id uuid,
  PRIMARY KEY (workspace, seq)
);

CREATE FUNCTION ${schema}.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER events_refuse_change BEFORE UPDATE OR DELETE ON ${schema}.events
  FOR EACH ROW EXECUTE FUNCTION ${schema}.refuse_change();
CREATE TRIGGER events_refuse_truncate BEFORE TRUNCATE ON ${schema}.events
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();
`
