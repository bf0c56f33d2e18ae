/** The checks of a workspace. All of them are read-only. */
export { diagnose } from './diagnose.ts'
export { findDirectory } from './find-directory.ts'
