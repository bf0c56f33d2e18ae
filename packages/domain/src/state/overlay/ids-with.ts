import type { TaskId } from '../../values/names.ts'

/** Those of `ids` that begin with `prefix`, as `IdsWith` promises them. */
export const idsWith = (ids: Iterable<TaskId>, prefix: string, most: number): ReadonlyArray<TaskId> => {
  const found = new Set<TaskId>()
  for (const id of ids) if (id.startsWith(prefix)) found.add(id)
  const inOrder = [...found].sort()
  return inOrder.length <= most ? inOrder : [...inOrder.slice(0, most - 1), inOrder.at(-1) as TaskId]
}
