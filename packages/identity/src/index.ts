/** Finds the agent that started this process, and the name that it works under. */
export { type Identity, identify } from './identify.ts'
