/** Which agent started this process, and the name that it works under. */
export { type Identity, identify } from './identify.ts'
