/** Previews and runs the repair of a damaged log. A separate entry, as only one command uses it. */
export { keepSide, type KeptSide, planSides, type SidePlan } from './keep-side.ts'
export { planRepair, type RepairedLog, repairLog, type RepairPlan } from './repair.ts'
export type { RepairCall } from './repair-call.ts'
