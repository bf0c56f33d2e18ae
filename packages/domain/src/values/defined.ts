/** The object without the fields that have no value. */
export const defined = <A extends object>(fields: A): A => {
  const kept: Partial<A> = {}
  for (const name in fields) if (fields[name] !== undefined) kept[name] = fields[name]
  return kept as A
}
