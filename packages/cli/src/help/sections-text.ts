import { bold } from '../render/style.ts'
import { widthOf } from '../render/text.ts'
import { terminalColumns } from '../output/output.ts'
import type { Section } from './section.ts'

/** Lines longer than this are hard to read, however wide the terminal. */
const widest = 100
const gap = '  '

/** Sections as text for a terminal. */
export const sectionsText = (sections: ReadonlyArray<Section>, columns = Math.min(widest, terminalColumns())): string =>
  sections.map(section => sectionText(section, columns)).join('\n')

const sectionText = ({ title, prose, entries }: Section, columns: number): string => {
  const termWidth = Math.max(0, ...entries.map(([term]) => widthOf(term)))
  const paragraphs = prose.map(text => `${wrapped(text, columns).join('\n')}\n\n`)
  const under = gap.repeat(2) + ' '.repeat(termWidth)
  const lines = entries.map(([term, about]) => {
    const [first = '', ...more] = wrapped(about, columns - under.length)
    return [`${gap}${term.padEnd(termWidth)}${gap}${first}`, ...more.map(text => under + text)].join('\n') + '\n'
  })
  return `${bold(title)}\n\n${paragraphs.join('')}${lines.join('')}`
}

/** Wraps text to lines of at most `columns`, at spaces only. */
const wrapped = (text: string, columns: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || widthOf(last) + 1 + widthOf(word) > columns) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
