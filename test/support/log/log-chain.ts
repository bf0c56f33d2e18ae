import { createHash } from 'node:crypto'
import type { Line } from './log-book.ts'

const seal = /,"hash":"([0-9a-f]{32})"\}$/

/** The hash of a line that follows the one with the hash `before`: see docs/format.md. */
export const hashAfter = (before: string, unsealed: string): string =>
  createHash('sha256')
    .update(before + unsealed)
    .digest('hex')
    .slice(0, 32)

/**
 * What is wrong with the lines of a log as such, whatever they mean: each ends with a line break and has the next `seq`,
 * a time that is not before the last one, and the hash that ties it to all before it; a decision of several lines has one
 * time and one request, and its last line.
 */
export const chainBreaks = (text: string): ReadonlyArray<string> => {
  const breaks: Array<string> = []
  const lines = text.split('\n')
  if (lines.pop() !== '') breaks.push('the last line has no end')
  let before: Line | undefined
  lines.forEach((written, i) => {
    const line = JSON.parse(written) as Line
    for (const detail of lineBreaks(before, line, written)) breaks.push(`line ${i + 1}: ${detail}`)
    before = line
  })
  if (before?.more === true) breaks.push('the last decision has no last line')
  return breaks
}

const lineBreaks = function* (before: Line | undefined, line: Line, written: string): Generator<string> {
  const hash = seal.exec(written)?.[1]
  const expected = hashAfter(before?.hash ?? '', written.replace(seal, '}'))
  if (hash !== expected) yield `its hash is ${hash}, not ${expected}`
  if (line.seq !== (before?.seq ?? 0) + 1) yield `its seq is ${line.seq}`
  if (line.time < (before?.time ?? '')) yield `it is of ${line.time}, the one before it of ${before?.time}`
  if (before?.more !== true) return
  if (line.time !== before.time) yield 'its decision has another time'
  if (line.request_id !== before.request_id) yield 'its decision has another request'
}
