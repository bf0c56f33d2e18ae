/** What only `claimlog setup` needs: the agents and their files. A bundle of its own. */
export { agents } from './agents.ts'
export { ownCommand } from './own-command.ts'
export { setUp, survey } from './set-up.ts'
