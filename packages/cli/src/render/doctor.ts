import { pluralize, toPrintable } from '@claimlog/client/unstable-internals'
import { terminalColumns } from '../output/output.ts'
import { bold, dim, green, red, yellow } from './style.ts'
import { measureWidth } from './text.ts'
import type { CheckResult, Diagnosis } from '@claimlog/wire'

/** The width of a mark and two blanks. */
const indent = ' '.repeat(3)
/** A sentence in fewer columns than this is hard to read: it then begins on the next line. */
const messageColumnsMin = 32

/** One line per check with its hint below, then the number of problems; wrapped to the width of a terminal. */
export const renderDoctor = ({ checks, warnings, wrong }: Diagnosis, columns = terminalColumns()): string => {
  const nameWidth = Math.max(...checks.map(({ name }) => name.length))
  return `${checks.map(check => renderCheck(check, nameWidth, columns)).join('')}\n${renderSummary(checks.length, warnings, wrong)}\n`
}

const marks: Readonly<Record<CheckResult['state'], string>> = {
  ok: green('✓'),
  warning: yellow('!'),
  wrong: red('✗'),
  skipped: dim('-'),
}

const renderCheck = ({ name, state, message, mend: hint }: CheckResult, nameWidth: number, columns: number): string => {
  const pastName = indent + ' '.repeat(nameWidth + 2)
  const margin = columns - pastName.length < messageColumnsMin ? indent : pastName
  const head = `${marks[state]}  ${bold(name)}`
  const messageLines = wrapText(toPrintable(message), columns - margin.length).map(line =>
    state === 'skipped' ? dim(line) : line,
  )
  const hintLines = hint === undefined ? [] : wrapText(toPrintable(hint), columns - margin.length - arrow.length)
  const below = [...messageLines, ...hintLines.map((line, i) => dim(`${i === 0 ? arrow : '  '}${line}`))]
  // The first line is next to the name, if there is room.
  const first = margin === pastName ? `${head}${' '.repeat(nameWidth - name.length + 2)}${below.shift()}` : head
  return [first, ...below.map(line => `${margin}${line}`)].map(line => `${line}\n`).join('')
}

const arrow = '→ '

/** Wraps text to lines of at most `width` columns; a word that is wider stays whole. */
const wrapText = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && measureWidth(last) + 1 + measureWidth(word) <= width)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

const renderSummary = (checks: number, warnings: number, wrong: number): string => {
  if (warnings + wrong === 0) return green(`${checks} checks: all ok`)
  const parts = [warnings > 0 ? pluralize(warnings, 'warning') : '', wrong > 0 ? pluralize(wrong, 'problem') : '']
  const summary = `${checks} checks: ${parts.filter(part => part !== '').join(', ')}`
  return wrong > 0 ? red(summary) : yellow(summary)
}
