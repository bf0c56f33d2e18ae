import { bold } from '../render/style.ts'
import { measureWidth } from '../render/text.ts'
import { terminalColumns } from '../output/output.ts'
import type { HelpSection } from './section.ts'
import { wrapText } from './wrap-text.ts'

/** Lines longer than this are hard to read, however wide the terminal. */
const columnsMax = 100
const gap = '  '

/** Sections as text for a terminal. */
export const formatSections = (
  sections: ReadonlyArray<HelpSection>,
  columns = Math.min(columnsMax, terminalColumns()),
): string => sections.map(section => formatSection(section, columns)).join('\n')

const formatSection = ({ title, prose, entries }: HelpSection, columns: number): string => {
  const termWidth = Math.max(0, ...entries.map(([term]) => measureWidth(term)))
  const paragraphs = prose.map(text => `${wrapText(text, columns, measureWidth).join('\n')}\n\n`)
  const indent = gap.repeat(2) + ' '.repeat(termWidth)
  const lines = entries.map(([term, about]) => {
    const [first = '', ...more] = wrapText(about, columns - indent.length, measureWidth)
    return [`${gap}${term.padEnd(termWidth)}${gap}${first}`, ...more.map(text => indent + text)].join('\n') + '\n'
  })
  return `${bold(title)}\n\n${paragraphs.join('')}${lines.join('')}`
}
