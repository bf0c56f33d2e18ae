/**
 * Tools for tests of the rules and of the packages above them: given/when/then, arbitrary commands, a simple
 * model of a queue as an oracle, and slow but obviously correct scans of a state. Shipped code must not import
 * this.
 */
export * from './decider-specification.ts'
export { anyStep } from './any-step.ts'
export { initialEvents, type ModelStep, runSteps } from './model/model-run.ts'
export { scanIndices, dumpIndices, scanKinds } from './table-scan.ts'
export { type Snapshot, takeSnapshot } from './snapshot.ts'
export { dumpState } from './dump-state.ts'
