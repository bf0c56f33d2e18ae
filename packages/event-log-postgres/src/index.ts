/** An event log in a table of PostgreSQL. */
export { describeLocation } from './url/describe-location.ts'
export type { PostgresLocation, ServerAddress, TlsMode } from './postgres-location.ts'
export { parsePostgresUrl } from './url/postgres-url.ts'
