/** Shell completion. A separate bundle: nothing else needs it. */
export { answerTo } from './answer-to.ts'
export { completionScript } from './completion-script.ts'
export type { LookAt } from './suggestions.ts'
