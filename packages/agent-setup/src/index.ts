/** Configures coding agents in a project, and reverts that. The output of hooks is in `./hook-answer`. */
export { agents } from './agents.ts'
export { findQueue, isQueueIn } from './find-queue.ts'
export { ownCommand } from './own-command.ts'
export { setUp, survey } from './set-up.ts'
export type { SetupProblem } from './setup-problem.ts'
