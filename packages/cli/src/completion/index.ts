/** What a shell asks while somebody types. A bundle of its own: nothing else needs it. */
export { answerTo } from './answer-to.ts'
export { completionScript } from './completion-script.ts'
export type { LookAt } from './suggestions.ts'
