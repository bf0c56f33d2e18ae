/** Configures coding agents in a project, and reverts that. The output of hooks is in `./hook-answer`. */
export { agents } from './agents.ts'
export { findQueue, isProjectQueue } from './find-queue.ts'
export { claimlogCommand } from './claimlog-command.ts'
export { setupAgent, detectAgents } from './setup.ts'
export type { SetupFailure } from './setup-failure.ts'
