/** What is checked of a workspace. Nothing here writes anything. */
export type { Check, CheckName, CheckState, Holder } from './check.ts'
export { type Diagnosis, diagnose } from './diagnose.ts'
export { findDirectory } from './find-directory.ts'
