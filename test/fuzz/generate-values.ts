import type { Dice } from './fuzz-runs.ts'

/** Characters that a terminal obeys, that reverse or hide text, and those at the edges of encodings. */
const hostileCharacters = [
  ...['\u0000', '\u0007', '\b', '\t', '\n', '\r', '\u001b', '\u001b[2J', '\u001b]0;x\u0007', '\u007f', '\u0085'],
  ...['\u009b31m', '\u00a0', '\u00ad', '\u061c', '\u180e', '\u200b', '\u200e', '\u200f', '\u2028', '\u2029', '\u202a'],
  ...['\u202e', '\u2060', '\u2066', '\u2069', '\u206a', '\ufeff', '\ufff9', '\u{1d173}', '\u{e0041}', '\ud800'],
  ...['\udfff', '\ufffd', '\uffff', '\u{10ffff}', '"', '\\', "'", '`', '$(x)', '|', '-', '--', '…', '日本', '🦊'],
] as const

/** Names with a meaning in JavaScript or in shells, and odd ones. */
export const hostileNames = [
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'prototype', 'then', 'length', '-', '--'],
  ...['-n', '', ' ', '.', '..', '/', '../..', 'undefined', 'null', '0', '-1', 'docs-2', 'a,b', '$HOME', '~', '*', '@x'],
] as const

/** The limits of the calendar and of the log's time format. */
export const edgeTimes = [
  ...['0000-01-01T00:00:00.000Z', '0001-01-01T00:00:00.000Z', '1969-12-31T23:59:59.999Z', '1970-01-01T00:00:00.000Z'],
  ...['2025-01-01T12:00:00.000Z', '2025-01-01T12:20:00.001Z', '2025-02-29T00:00:00.000Z', '2999-01-01T00:00:00.000Z'],
  ...['8999-12-31T23:59:59.999Z', '9000-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z', '2025-06-31T00:00:00.000Z'],
  ...['+275760-09-13T00:00:00.000Z', '-000001-01-01T00:00:00.000Z', '2025-01-01', '2025-01-01T24:00:00.000Z', 'now'],
] as const

const edgeNumbers = [
  ...['0', '-0', '1', '2', '3', '-1', '0.5', '1e2', '1e308', '-1e308', '1e400', '5e-324', '4294967296'],
  ...['9007199254740991', '9007199254740992', '3155760000000', '1000000', '1.0000000000000001'],
] as const

/** Text of any characters, mostly short, rarely very long. */
export const generateText = (dice: Dice): string => {
  if (dice.chance(3)) return dice.pick(['x', ' ', '\u001b[0m', '日', '🦊', '\u0000']).repeat(dice.between(200, 5000))
  if (dice.chance(25)) return dice.pick(hostileNames)
  return Array.from({ length: dice.between(0, 4) }, () =>
    dice.chance(50) ? dice.pick(hostileCharacters) : 'word',
  ).join('')
}

const generateNesting = (dice: Dice): string => {
  const depth = dice.pick([1, 2, 99, 100, 101, 5000, 60_000])
  return dice.chance(50) ? '['.repeat(depth) + ']'.repeat(depth) : '{"a":'.repeat(depth) + '1' + '}'.repeat(depth)
}

/** A JSON value as text, of any type, at the limits of each type. */
export const generateJson = (dice: Dice): string => {
  switch (dice.between(0, 7)) {
    case 0:
      return dice.pick(edgeNumbers)
    case 1:
      return JSON.stringify(dice.pick(edgeTimes))
    case 2:
      return dice.pick(['null', 'true', 'false', '{}', '[]', '[null]', '""'])
    case 3:
      return dice.pick(['{"toString":1}', '{"toString":null,"valueOf":null}', '{"__proto__":{"seq":1}}', '[[[]]]'])
    case 4:
      return `[${Array.from({ length: dice.between(0, 3) }, () => JSON.stringify(generateText(dice))).join(',')}]`
    case 5:
      return dice.chance(20)
        ? generateNesting(dice)
        : `{"first_ms":${dice.pick(edgeNumbers)},"max_ms":${dice.pick(edgeNumbers)}}`
    default:
      return JSON.stringify(generateText(dice))
  }
}

/** A value of the type that the field has, as JSON text, perhaps at a limit; now and then any other value. */
export const generateFieldValue = (dice: Dice, field: string, names: ReadonlyArray<string>): string => {
  if (dice.chance(25)) return generateJson(dice)
  if (/^(time|lease_until|retry_at|not_before)$/.test(field)) return JSON.stringify(dice.pick(edgeTimes))
  if (/^(needs|tags)$/.test(field))
    return JSON.stringify(Array.from({ length: dice.between(0, 3) }, () => dice.pick(names)))
  if (/^(task_id|kind|worker|key|by|request_id)$/.test(field))
    return JSON.stringify(dice.pick([...names, ...hostileNames]))
  if (/^(title|error|reason|text|workspace)$/.test(field)) return JSON.stringify(generateText(dice))
  if (/^(payload|result|progress|backoff|format|more|hash)$/.test(field)) return generateJson(dice)
  return dice.pick(edgeNumbers)
}
