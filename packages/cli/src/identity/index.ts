/** Which agent started this process, and the name that it works under. A bundle of its own. */
export { identify } from './identify.ts'
