import { appendSignature } from './append-function.ts'
import { listTables } from './tables.ts'

/** The role that workers get by default: `GRANT claimlog_worker TO ann`. */
export const workerRole = 'claimlog_worker'

/**
 * Grants `role` what a worker needs: to read, and to call `append`. Creates the role if it does not exist and this user
 * may; a role belongs to the whole server, so another database may have made it.
 */
export const grantWorkerRole = (schema: string, role: string): string => `
DO $$ BEGIN
  CREATE ROLE ${role} NOLOGIN;
EXCEPTION
  WHEN duplicate_object OR unique_violation THEN NULL;
  WHEN insufficient_privilege THEN RAISE NOTICE 'create the role ${role} as a superuser, then grant it the rights below';
END $$;
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN
    GRANT USAGE ON SCHEMA ${schema} TO ${role};
    GRANT SELECT ON TABLE ${listTables(schema)} TO ${role};
    GRANT EXECUTE ON FUNCTION ${schema}.${appendSignature} TO ${role};
    GRANT EXECUTE ON FUNCTION ${schema}.read_lines(int, bigint, int) TO ${role};
    GRANT EXECUTE ON FUNCTION ${schema}.line_hash(text), ${schema}.clock_ms() TO ${role};
  END IF;
END $$;
`
