/** Repairs a damaged log, and says before what it would do: an entry of its own, as one command needs it. */
export { type CutLog, cutLog, type CutPlan, planCut } from './cut-log.ts'
export type { RepairCall } from './repair-call.ts'
export { chooseSide, type KeptLog, listSides, type SideList } from './sides.ts'
