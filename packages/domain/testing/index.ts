/**
 * What tests of the rules, and of what is built on them, are written with: given/when/then, arbitrary commands, a plain model
 * of a queue to compare with, and slow but plainly right readings of a state. Code that ships must not import it.
 */
export * from './decider-specification.ts'
export { anyStep } from './any-step.ts'
export { beginning, type Step, walk } from './model/queue-model-walk.ts'
export { indicesByScan, indicesOf, kindsByScan } from './table-scan.ts'
export { type Snapshot, snapshotOf } from './snapshot.ts'
export { allOf } from './all-of-a-state.ts'
