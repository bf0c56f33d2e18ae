/** What people see. A bundle of its own, loaded by the commands for people only. */
export { renderDiff } from './diff.ts'
export { renderDoctor } from './doctor.ts'
export { renderList } from './list.ts'
export { renderPlan, renderRepaired, renderSound } from './repair.ts'
export { renderShow } from './show.ts'
export { renderStatus } from './status.ts'
export { renderTrace } from './trace.ts'
export { renderWhy } from './why.ts'
