import { createHash } from 'node:crypto'
import type { CheckedLine } from './log-model.ts'

const hashField = /,"hash":"([0-9a-f]{32})"\}$/

/** The hash of a line that follows the one with the hash `previous`: see docs/reference/format.md. */
export const chainHash = (previous: string, lineWithoutHash: string): string =>
  createHash('sha256')
    .update(previous + lineWithoutHash)
    .digest('hex')
    .slice(0, 32)

/**
 * Returns the format errors of a log; the events are not interpreted. Each line must end with a line break and have the
 * next `seq`, a time that is not before the previous one, and the hash over all lines up to it. A decision of several
 * lines must have one time, one request, and its last line.
 */
export const findChainErrors = (text: string): ReadonlyArray<string> => {
  const errors: Array<string> = []
  const lines = text.split('\n')
  if (lines.pop() !== '') errors.push('the last line has no line break')
  let previous: CheckedLine | undefined
  lines.forEach((lineText, i) => {
    const line = JSON.parse(lineText) as CheckedLine
    for (const detail of findLineErrors(previous, line, lineText)) errors.push(`line ${i + 1}: ${detail}`)
    previous = line
  })
  if (previous?.more === true) errors.push('the last decision has no last line')
  return errors
}

const findLineErrors = function* (
  previous: CheckedLine | undefined,
  line: CheckedLine,
  lineText: string,
): Generator<string> {
  const hash = hashField.exec(lineText)?.[1]
  const expected = chainHash(previous?.hash ?? '', lineText.replace(hashField, '}'))
  if (hash !== expected) yield `its hash is ${hash}, not ${expected}`
  if (line.seq !== (previous?.seq ?? 0) + 1) yield `its seq is ${line.seq}`
  if (line.time < (previous?.time ?? ''))
    yield `its time is ${line.time}, that of the previous line is ${previous?.time}`
  if (previous?.more !== true) return
  if (line.time !== previous.time) yield 'its decision has a different time'
  if (line.request_id !== previous.request_id) yield 'its decision has a different request'
}
