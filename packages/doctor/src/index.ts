/** The checks of a workspace. All of them are read-only. */
export { diagnose } from './diagnose.ts'
export { diagnoseServer, type ServerProblem } from './server/diagnose-server.ts'
export { findDirectory } from './find-directory.ts'
export { readServerLog } from './log-reading.ts'
