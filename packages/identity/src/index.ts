/** Which agent started this process, and the name that it works under. */
export { identify } from './identify.ts'
