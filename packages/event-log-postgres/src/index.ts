/** An event log in a table of PostgreSQL. */
export type { PostgresLocation, TlsMode } from './postgres-location.ts'
