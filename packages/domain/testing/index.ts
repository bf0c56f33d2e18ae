/**
 * Tools for tests of the rules and of the packages above them: given/when/then, arbitrary commands, a simple
 * model of a queue as an oracle, and slow but obviously correct scans of a state. Shipped code must not import
 * this.
 */
export * from './decider-specification.ts'
export { anyStep } from './any-step.ts'
export { beginning, type Step, walk } from './model/queue-model-walk.ts'
export { indicesByScan, indicesOf, kindsByScan } from './table-scan.ts'
export { type Snapshot, snapshotOf } from './snapshot.ts'
export { allOf } from './all-of-a-state.ts'
