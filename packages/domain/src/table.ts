/**
 * The table of a state with its sorted indexes, for packages that store a table and overlay another one on it. All
 * other packages use the queries.
 */
export { type LayeredTable, layeredTable } from './state/overlay/stored.ts'
export { indexEntries, specEntries } from './state/state.ts'
export { readTask, storedTask } from './state/task.ts'
export {
  allIndices,
  type Index,
  type KindIndex,
  kindIndices,
  type KindPlaced,
  type Place,
  type Placed,
  type Position,
  type Table,
  type TableBase,
  type TableChanges,
} from './state/table.ts'
