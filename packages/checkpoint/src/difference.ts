import { allTasks, type State } from '@claimlog/domain'
import { allIndices, kindIndices, serializeTask, type TableChanges } from '@claimlog/domain/table'

/**
 * The differences between `saved` and `folded`: tasks, indexes, counts, rules or requests. `changes` is the whole
 * content of the table of `folded`.
 */
export const findDifferences = function* (kept: State, folded: State, changes: TableChanges): Generator<string> {
  const { table } = kept
  yield* compareValue('the state', headOf(kept), headOf(folded))
  const tasks = allTasks(folded)
  yield* compareValue('the number of tasks', table.count('open', '') + table.count('finished', ''), tasks.length)
  for (const task of tasks) {
    const found = table.get(task.id)
    yield* compareValue(`task ${task.id}`, found === undefined ? undefined : serializeTask(found), serializeTask(task))
  }
  yield* ordersOf(kept, folded)
  yield* compareValue('the kinds with rules', [...table.ruledKinds()].sort(), [...folded.table.ruledKinds()].sort())
  for (const [kind, rules] of changes.rules) yield* compareValue(`the rules of ${kind}`, table.rules(kind), rules)
  for (const [id, request] of changes.requests) yield* compareValue(`request ${id}`, table.request(id), request)
}

const headOf = ({ seq, time, workspace }: State): unknown => [seq, time, workspace]

const ordersOf = function* ({ table: kept }: State, { table: folded }: State): Generator<string> {
  for (const index of allIndices) {
    const partitions = [...folded.partitions(index)].sort()
    yield* compareValue(`the size of index ${index}`, kept.total(index), folded.total(index))
    yield* compareValue(`the partitions of index ${index}`, [...kept.partitions(index)].sort(), partitions)
    for (const partition of partitions) {
      const order = `index ${index} ${partition}`
      yield* compareValue(order, [...kept.range(index, partition)], [...folded.range(index, partition)])
      yield* compareValue(`the size of ${order}`, kept.count(index, partition), folded.count(index, partition))
    }
  }
  for (const index of kindIndices)
    yield* compareValue(`the kinds in index ${index}`, [...kept.kindsInOrder(index)], [...folded.kindsInOrder(index)])
}

/** Yields a sentence if the two values differ. */
export const compareValue = function* (what: string, kept: unknown, folded: unknown): Generator<string> {
  const [inKept, inFolded] = [JSON.stringify(kept), JSON.stringify(folded)]
  if (inKept !== inFolded) yield `${what} is ${shown(inKept)}, and should be ${shown(inFolded)}`
}

const longest = 200

const shown = (text: string | undefined): string =>
  text === undefined ? 'missing' : text.length > longest ? `${text.slice(0, longest)} …` : text
