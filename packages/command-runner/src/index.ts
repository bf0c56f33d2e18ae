/** Runs a command for each task and leaves no processes or files behind. */
export { commandEnvironment, type CommandLog } from './command-environment.ts'
export { type CommandHandler, commandHandler, type WorkCommand } from './command-handler.ts'
export { checkRunnable } from './command-path.ts'
export type { OutputConsumer } from './output-reader.ts'
export { removeStaleFolders } from './worker-folder.ts'
