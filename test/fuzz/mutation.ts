import { taskFields } from '@claimlog/domain'
import { fuzzNames } from './pick-command.ts'
import type { Dice } from './fuzz-runs.ts'
import { generateFieldValue, generateJson, generateText } from './generate-values.ts'
import { type RawLine, formatRawLine } from './generate-log.ts'

/** Every field of any event, and some that no event has. */
const fields = [
  ...['seq', 'event', 'task_id', 'kind', 'worker', 'token', 'attempt', 'lease_until', 'retry_at', 'error', 'reason'],
  ...['quarantine', 'offset', 'bytes', 'sha256'],
  ...['limit', 'text', 'result', 'progress', 'by', 'request_id', 'time', 'more', 'hash', 'format', 'workspace'],
  ...['taskId', 'leaseUntil', '__proto__', 'constructor', 'toString', 'later', ''],
  ...Object.keys(taskFields),
]

const eventNames = [
  ...['opened', 'added', 'claimed', 'renewed', 'completed', 'failed', 'released', 'held', 'unheld', 'cancelled'],
  ...['retried', 'amended', 'noted', 'paused', 'resumed', 'limited', 'repaired', 'moved'],
]

const pickIndex = <A>(dice: Dice, list: ReadonlyArray<A>): number => dice.between(0, Math.max(0, list.length - 1))

const mutateLine = (dice: Dice, line: RawLine): RawLine => {
  const i = pickIndex(dice, line)
  const [field = 'time'] = line[i] ?? []
  switch (dice.between(0, 6)) {
    case 0:
      return line.toSpliced(i, 1)
    case 1: {
      const newField = dice.pick(fields)
      return line.toSpliced(i, 0, [newField, generateFieldValue(dice, newField, fuzzNames)])
    }
    case 2:
      return line.toSpliced(i, 1, [dice.pick(fields), generateJson(dice)])
    case 3:
      // Another event name with the same fields, which is valid for some events.
      return line.map(([name, json]) => [name, name === 'event' ? JSON.stringify(dice.pick(eventNames)) : json])
    default:
      return line.toSpliced(i, 1, [field, generateFieldValue(dice, field, fuzzNames)])
  }
}

const mutateLines = (dice: Dice, lines: ReadonlyArray<RawLine>): ReadonlyArray<RawLine> => {
  // Rarely the first line, without which nothing else is read.
  const i = dice.chance(10) ? 0 : pickIndex(dice, lines)
  const line = lines[i] ?? []
  switch (dice.between(0, 9)) {
    case 0:
      return lines.toSpliced(i, 1)
    case 1:
      return lines.toSpliced(pickIndex(dice, lines), 0, line)
    case 2:
      return lines.toSpliced(i, 1).toSpliced(pickIndex(dice, lines), 0, line)
    case 3:
      return lines.with(i, [...line.filter(([name]) => name !== 'more'), ['more', 'true']])
    default:
      return lines.with(i, mutateLine(dice, line))
  }
}

const renumberLines = (lines: ReadonlyArray<RawLine>): ReadonlyArray<RawLine> =>
  lines.map((line, i) => line.map(([name, json]) => [name, name === 'seq' ? String(i + 1) : json]))

/** The texts of a log's lines, some of them changed so that a reader may still accept them once they are chained. */
export const mutateLog = (dice: Dice, original: ReadonlyArray<RawLine>): ReadonlyArray<string> => {
  let lines = original
  for (let mutationsLeft = dice.pick([1, 1, 2, 4]); mutationsLeft > 0; mutationsLeft -= 1)
    lines = mutateLines(dice, lines)
  // Mostly renumbered, because otherwise the reader would never get past the seq.
  const texts = (dice.chance(85) ? renumberLines(lines) : lines).map(formatRawLine)
  if (!dice.chance(10)) return texts
  const i = pickIndex(dice, texts)
  const text = texts[i] ?? '{}'
  const brokenTexts = [
    `{${text}}`,
    text.replaceAll(':', ' : '),
    `${text.slice(0, -2)}}`,
    '{}',
    `${text} }`,
    generateText(dice),
  ]
  return texts.with(i, dice.pick(brokenTexts))
}

/** A log's bytes, changed at random positions. */
export const mutateBytes = (dice: Dice, original: Buffer): Buffer => {
  let bytes = Buffer.from(original)
  for (let mutationsLeft = dice.between(1, 3); mutationsLeft > 0; mutationsLeft -= 1) {
    const from = dice.between(0, Math.max(0, bytes.length - 1))
    const length = dice.pick([1, 1, 2, 40, 400])
    const piece = bytes.subarray(from, from + length)
    switch (dice.between(0, 4)) {
      case 0:
        bytes = Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + length)])
        break
      case 1:
        bytes = Buffer.concat([bytes.subarray(0, from), piece, bytes.subarray(from)])
        break
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, from), Buffer.from(generateText(dice)), bytes.subarray(from)])
        break
      case 3:
        bytes = bytes.subarray(0, from)
        break
      default:
        bytes[from] = dice.between(0, 255)
    }
  }
  return bytes
}
