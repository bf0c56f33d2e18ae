import type { Table } from '../table.ts'

/** A table that counts what is looked at in it: records, rules, counts, and every place on the way through an order. */
export const countedTable = (table: Table): { readonly table: Table; readonly looks: () => number } => {
  let looks = 0
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
    firstRank: once(table.firstRank),
    range: (index, partition, through) => each(table.range(index, partition, through)),
    backwards: (index, partition) => each(table.backwards(index, partition)),
    partitions: index => each(table.partitions(index)),
    kindsInOrder: (index, through) => each(table.kindsInOrder(index, through)),
  }
  return { table: counted, looks: () => looks }
}
