/** Lists this far down are given element by element: those of tasks, events and lanes are. What is deeper fits into a line of the log. */
const maxDepth = 3

/**
 * The text of `JSON.stringify(value, null, 2)` in parts: that of many large tasks is longer than a string may be. For data
 * without methods, as every output is.
 */
export const jsonParts = function* (value: unknown, indent = '', depth = 0): Generator<string> {
  if (depth === maxDepth || typeof value !== 'object' || value === null) {
    yield (JSON.stringify(value, null, 2) ?? 'null').replaceAll('\n', `\n${indent}`)
    return
  }
  const inner = `${indent}  `
  const isList = Array.isArray(value)
  const [open, close] = isList ? '[]' : '{}'
  let separator = `${open}\n${inner}`
  for (const [name, each] of entriesOf(value)) {
    yield isList ? separator : `${separator}${JSON.stringify(name)}: `
    yield* jsonParts(each, inner, depth + 1)
    separator = `,\n${inner}`
  }
  yield separator.startsWith(',') ? `\n${indent}${close}` : `${open}${close}`
}

const entriesOf = function* (value: object): Generator<readonly [string, unknown]> {
  if (Array.isArray(value)) for (const each of value as ReadonlyArray<unknown>) yield ['', each]
  else for (const entry of Object.entries(value)) if (entry[1] !== undefined) yield entry
}
