import { counted, printable } from '@claimlog/client/unstable-internals'
import { terminalColumns } from '../output/output.ts'
import { bold, dim, green, red, yellow } from './style.ts'
import { widthOf } from './text.ts'
import type { Check, Diagnosis } from '@claimlog/wire'

/** A mark, two blanks. */
const indent = ' '.repeat(3)
/** A sentence in fewer columns than this is hard to read: it then begins a line of its own. */
const narrowest = 32

/** A check a line, its mend below it, then how many are not well; on a terminal no line is wider than that is. */
export const renderDoctor = ({ checks, warnings, wrong }: Diagnosis, columns = terminalColumns()): string => {
  const nameWidth = Math.max(...checks.map(({ name }) => name.length))
  return `${checks.map(check => paragraph(check, nameWidth, columns)).join('')}\n${closing(checks.length, warnings, wrong)}\n`
}

const marks: Readonly<Record<Check['state'], string>> = {
  ok: green('✓'),
  warning: yellow('!'),
  wrong: red('✗'),
  skipped: dim('-'),
}

const paragraph = ({ name, state, message, mend }: Check, nameWidth: number, columns: number): string => {
  const beside = indent + ' '.repeat(nameWidth + 2)
  const margin = columns - beside.length < narrowest ? indent : beside
  const head = `${marks[state]}  ${bold(name)}`
  const sentence = wrapped(printable(message), columns - margin.length).map(line =>
    state === 'skipped' ? dim(line) : line,
  )
  const mending = mend === undefined ? [] : wrapped(printable(mend), columns - margin.length - arrow.length)
  const below = [...sentence, ...mending.map((line, i) => dim(`${i === 0 ? arrow : '  '}${line}`))]
  // The first line stands beside the name, where there is room.
  const first = margin === beside ? `${head}${' '.repeat(nameWidth - name.length + 2)}${below.shift()}` : head
  return [first, ...below.map(line => `${margin}${line}`)].map(line => `${line}\n`).join('')
}

const arrow = '→ '

/** A text in lines of at most `width` columns, broken between words; a word that is wider stays whole. */
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
  if (warnings + wrong === 0) return green(`${checks} checks: all well`)
  const parts = [warnings > 0 ? counted(warnings, 'warning') : '', wrong > 0 ? `${wrong} wrong` : '']
  const told = `${checks} checks: ${parts.filter(part => part !== '').join(', ')}`
  return wrong > 0 ? red(told) : yellow(told)
}
