/**
 * The table of a state with its sorted indices, for packages that store a table and overlay another one on it. All
 * other packages use the queries.
 */
export { type OverlayTable, overlayTable } from './state/overlay/overlay-table.ts'
export { indexEntries, specEntries } from './state/state.ts'
export { parseTask, serializeTask } from './state/task.ts'
export {
  allIndices,
  type Index,
  type KindIndex,
  kindIndices,
  type IndexedKind,
  type IndexEntry,
  type IndexedTask,
  type IndexKey,
  type Table,
  type StoredTable,
  type TableChanges,
} from './state/table.ts'
