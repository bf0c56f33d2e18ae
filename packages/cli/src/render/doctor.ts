import { pluralize, toPrintable } from '@claimlog/client/unstable-internals'
import { terminalColumns } from '../output/output.ts'
import { bold, dim, green, red, yellow } from './style.ts'
import { widthOf } from './text.ts'
import type { CheckResult, Diagnosis } from '@claimlog/wire'

/** The width of a mark and two blanks. */
const indent = ' '.repeat(3)
/** A sentence in fewer columns than this is hard to read: it then begins on the next line. */
const narrowest = 32

/** One line per check with its hint below, then the number of problems; wrapped to the width of a terminal. */
export const renderDoctor = ({ checks, warnings, wrong }: Diagnosis, columns = terminalColumns()): string => {
  const nameWidth = Math.max(...checks.map(({ name }) => name.length))
  return `${checks.map(check => paragraph(check, nameWidth, columns)).join('')}\n${closing(checks.length, warnings, wrong)}\n`
}

const marks: Readonly<Record<CheckResult['state'], string>> = {
  ok: green('✓'),
  warning: yellow('!'),
  wrong: red('✗'),
  skipped: dim('-'),
}

const paragraph = ({ name, state, message, mend }: CheckResult, nameWidth: number, columns: number): string => {
  const beside = indent + ' '.repeat(nameWidth + 2)
  const margin = columns - beside.length < narrowest ? indent : beside
  const head = `${marks[state]}  ${bold(name)}`
  const sentence = wrapped(toPrintable(message), columns - margin.length).map(line =>
    state === 'skipped' ? dim(line) : line,
  )
  const mending = mend === undefined ? [] : wrapped(toPrintable(mend), columns - margin.length - arrow.length)
  const below = [...sentence, ...mending.map((line, i) => dim(`${i === 0 ? arrow : '  '}${line}`))]
  // The first line is next to the name, if there is room.
  const first = margin === beside ? `${head}${' '.repeat(nameWidth - name.length + 2)}${below.shift()}` : head
  return [first, ...below.map(line => `${margin}${line}`)].map(line => `${line}\n`).join('')
}

const arrow = '→ '

/** Wraps text to lines of at most `width` columns; a word that is wider stays whole. */
const wrapped = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

const closing = (checks: number, warnings: number, wrong: number): string => {
  if (warnings + wrong === 0) return green(`${checks} checks: all ok`)
  const parts = [warnings > 0 ? pluralize(warnings, 'warning') : '', wrong > 0 ? pluralize(wrong, 'problem') : '']
  const told = `${checks} checks: ${parts.filter(part => part !== '').join(', ')}`
  return wrong > 0 ? red(told) : yellow(told)
}
