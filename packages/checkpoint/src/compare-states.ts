import { allTasks, type State } from '@claimlog/domain'
import { allIndices, kindIndices, serializeTask, type TableChanges } from '@claimlog/domain/table'

/**
 * The differences between `saved` and `folded`: tasks, indices, counts, rules or requests. `changes` is the whole
 * content of the table of `folded`.
 */
export const findDifferences = function* (saved: State, folded: State, changes: TableChanges): Generator<string> {
  const { table } = saved
  yield* compareValue('the state', pickHead(saved), pickHead(folded))
  const tasks = allTasks(folded)
  yield* compareValue('the number of tasks', table.count('open', '') + table.count('finished', ''), tasks.length)
  for (const task of tasks) {
    const savedTask = table.get(task.id)
    yield* compareValue(
      `task ${task.id}`,
      savedTask === undefined ? undefined : serializeTask(savedTask),
      serializeTask(task),
    )
  }
  yield* compareIndices(saved, folded)
  yield* compareValue('the kinds with rules', [...table.ruledKinds()].sort(), [...folded.table.ruledKinds()].sort())
  for (const [kind, rules] of changes.rules) yield* compareValue(`the rules of ${kind}`, table.rules(kind), rules)
  for (const [id, request] of changes.requests) yield* compareValue(`request ${id}`, table.request(id), request)
}

const pickHead = ({ seq, time, workspace, moved }: State): unknown => [seq, time, workspace, moved]

const compareIndices = function* ({ table: saved }: State, { table: folded }: State): Generator<string> {
  for (const index of allIndices) {
    const partitions = [...folded.partitions(index)].sort()
    yield* compareValue(`the size of index ${index}`, saved.total(index), folded.total(index))
    yield* compareValue(`the partitions of index ${index}`, [...saved.partitions(index)].sort(), partitions)
    for (const partition of partitions) {
      const indexName = `index ${index} ${partition}`
      yield* compareValue(indexName, [...saved.range(index, partition)], [...folded.range(index, partition)])
      yield* compareValue(`the size of ${indexName}`, saved.count(index, partition), folded.count(index, partition))
    }
  }
  for (const index of kindIndices)
    yield* compareValue(`the kinds in index ${index}`, [...saved.kindsInOrder(index)], [...folded.kindsInOrder(index)])
}

/** Yields a sentence if the two values differ. */
export const compareValue = function* (label: string, saved: unknown, folded: unknown): Generator<string> {
  const [savedJson, foldedJson] = [JSON.stringify(saved), JSON.stringify(folded)]
  if (savedJson !== foldedJson) yield `${label} is ${shortenText(savedJson)}, and should be ${shortenText(foldedJson)}`
}

const shownLengthMax = 200

const shortenText = (text: string | undefined): string =>
  text === undefined ? 'missing' : text.length > shownLengthMax ? `${text.slice(0, shownLengthMax)} …` : text
