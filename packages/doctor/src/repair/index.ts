/** Repairs a damaged log, and says before what it would do: an entry of its own, as one command needs it. */
export { keepSide, type KeptSide, planSides, type SidePlan } from './keep-side.ts'
export { planRepair, type RepairedLog, repairLog, type RepairPlan } from './repair.ts'
export type { RepairCall } from './repair-call.ts'
