/**
 * The ordered table that holds a state's tasks, for whoever stores one and lays another over what was stored. All others
 * ask the queries.
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
