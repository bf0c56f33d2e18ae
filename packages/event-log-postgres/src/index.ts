/** An event log in a table of PostgreSQL. */
export { createPostgresLog, printMigrationScript } from './create-log.ts'
export { inspectServer, type ServerFacts } from './inspect-server.ts'
export { openPostgresMoveTarget } from './move/move-target.ts'
export { openPostgresLog, type PostgresLog, type PostgresLogOptions } from './postgres-log.ts'
export type { PostgresLocation, ServerAddress, TlsMode } from './postgres-location.ts'
export { describeLocation } from './url/describe-location.ts'
export { parsePostgresUrl } from './url/postgres-url.ts'
