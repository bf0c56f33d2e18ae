/** Previews and runs the repair of a damaged log. A separate entry, as only one command uses it. */
export { keepSide, type KeepSideResult, planSides, type SidePlan } from './keep-side.ts'
export { planRepair, type RepairResult, repairLog, type RepairPreview } from './repair.ts'
export type { RepairRequest } from './repair-request.ts'
