/** What people see. A bundle of its own, loaded by the commands for people only. */
export { renderList } from './list.ts'
export { renderShow } from './show.ts'
export { renderStatus } from './status.ts'
export { renderTrace } from './trace.ts'
