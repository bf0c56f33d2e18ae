import type { Table } from '../src/state/table.ts'

/** Wraps a table to count its reads: records, rules, counts, entries during iteration and names of partitions. */
export const countReads = (
  table: Table,
): { readonly table: Table; readonly reads: () => number; readonly partitionNames: () => number } => {
  let reads = 0
  let partitionNames = 0
  const countEach = function* <A>(entries: Iterable<A>): Generator<A> {
    for (const entry of entries) {
      reads += 1
      yield entry
    }
  }
  const countCall =
    <A extends ReadonlyArray<unknown>, B>(read: (...args: A) => B) =>
    (...args: A): B => {
      reads += 1
      return read(...args)
    }
  const counting: Table = {
    ...table,
    get: countCall(table.get),
    rules: countCall(table.rules),
    count: countCall(table.count),
    total: countCall(table.total),
    firstRank: countCall(table.firstRank),
    range: (index, partition, through) => countEach(table.range(index, partition, through)),
    reverseRange: (index, partition) => countEach(table.reverseRange(index, partition)),
    partitions: index => {
      const partitions = [...table.partitions(index)]
      partitionNames += partitions.length
      return countEach(partitions)
    },
    kindsInOrder: (index, through) => countEach(table.kindsInOrder(index, through)),
  }
  return { table: counting, reads: () => reads, partitionNames: () => partitionNames }
}
