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
 * Returns the format errors of a log; the events are not interpreted. Each line must end with a line break and have the
 * next `seq`, a time that is not before the previous one, and the hash over all lines up to it. A decision of several
 * lines must have one time, one request, and its last line.
 */
export const chainBreaks = (text: string): ReadonlyArray<string> => {
  const breaks: Array<string> = []
  const lines = text.split('\n')
  if (lines.pop() !== '') breaks.push('the last line has no line break')
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
  if (line.time < (before?.time ?? '')) yield `its time is ${line.time}, that of the previous line is ${before?.time}`
  if (before?.more !== true) return
  if (line.time !== before.time) yield 'its decision has a different time'
  if (line.request_id !== before.request_id) yield 'its decision has a different request'
}
