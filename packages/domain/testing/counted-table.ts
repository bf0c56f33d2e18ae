import type { Table } from '../src/state/table.ts'

/** Wraps a table to count its reads: records, rules, counts, entries during iteration and names of partitions. */
export const countedTable = (
  table: Table,
): { readonly table: Table; readonly looks: () => number; readonly names: () => number } => {
  let looks = 0
  let names = 0
  const each = function* <A>(places: Iterable<A>): Generator<A> {
    for (const place of places) {
      looks += 1
      yield place
    }
  }
  const once =
    <A extends ReadonlyArray<unknown>, B>(read: (...args: A) => B) =>
    (...args: A): B => {
      looks += 1
      return read(...args)
    }
  const counted: Table = {
    ...table,
    get: once(table.get),
    rules: once(table.rules),
    count: once(table.count),
    total: once(table.total),
    firstRank: once(table.firstRank),
    range: (index, partition, through) => each(table.range(index, partition, through)),
    backwards: (index, partition) => each(table.backwards(index, partition)),
    partitions: index => {
      const partitions = [...table.partitions(index)]
      names += partitions.length
      return each(partitions)
    },
    kindsInOrder: (index, through) => each(table.kindsInOrder(index, through)),
  }
  return { table: counted, looks: () => looks, names: () => names }
}
