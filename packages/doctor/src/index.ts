/** What is checked of a workspace. Nothing here writes anything. */
export { diagnose } from './diagnose.ts'
export { findDirectory } from './find-directory.ts'
