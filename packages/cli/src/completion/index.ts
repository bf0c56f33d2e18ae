/** Shell completion. A separate bundle: nothing else needs it. */
export { completeCommand } from './complete-command.ts'
export { completionScript } from './completion-script.ts'
export type { QueryWorkspace } from './suggestions.ts'
