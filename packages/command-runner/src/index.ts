/** Runs a command for each task and leaves no processes or files behind. */
export { commandEnvironment } from './command-environment.ts'
export { type CommandHandler, commandHandler, type WorkCommand } from './command-handler.ts'
export { findCommand } from './command-path.ts'
export type { OutputTaker } from './reading-output.ts'
export { removeLeftFolders } from './worker-folder.ts'
