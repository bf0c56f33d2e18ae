import type { Figure, Section } from './figure.ts'
import type { Machine } from './machine.ts'
import { plain } from './words.ts'

const indent = '  '

/** The machine, a line a fact. */
export const machineText = (machine: Machine, quick: boolean): string => {
  const { cpu, cores, memoryGiB, node, kernel, fileSystem, date, extraCaCertsUnset } = machine
  const facts: ReadonlyArray<readonly [string, string]> = [
    ['machine', `${cpu}, ${cores} cores, ${memoryGiB} GiB`],
    ['system', `${kernel}, Node ${node}`],
    ['files on', fileSystem],
    ['date', date],
  ]
  const notes = [
    ...(extraCaCertsUnset
      ? [
          'NODE_EXTRA_CA_CERTS is set here; processes are started without it, as it adds 30 ms to each start of Node 20.',
        ]
      : []),
    ...(fileSystem.startsWith('tmpfs')
      ? ['Files are in memory here: syncing costs nothing. Try --dir on a disk.']
      : []),
    ...(quick ? ['A quick run, for trying out. Its figures are not for quoting.'] : []),
  ]
  return [
    ...facts.map(([name, fact]) => `${name.padEnd(10)}${fact}\n`),
    ...notes.map(note => `${''.padEnd(10)}${note}\n`),
  ].join('')
}

/** A scenario's figures in columns: what, how much, what of the first mark, and beside what. */
export const sectionText = ({ title, figures, remarks }: Section): string => {
  const rows = figures.map(figure => [figure.what, amount(figure), markText(figure), figure.beside ?? ''])
  const widths = [0, 1, 2].map(column => Math.max(...rows.map(row => (row[column] ?? '').length)))
  const [whatWidth = 0, amountWidth = 0, markWidth = 0] = widths
  const lines = rows.map(([what = '', value = '', mark = '', beside = '']) =>
    [what.padEnd(whatWidth), value.padStart(amountWidth), mark.padEnd(markWidth), beside].join(indent).trimEnd(),
  )
  return [title, ...lines.map(line => indent + line), ...remarks.map(remark => indent + remark)].join('\n') + '\n'
}

const amount = ({ value, unit }: Figure): string => (unit === '/s' ? `${plain(value)}/s` : `${plain(value)} ${unit}`)

const markText = ({ mark }: Figure): string =>
  mark === undefined ? '' : `${mark.met ? 'met    ' : 'not met'} ${mark.words}`

/** What a run came to, in one line. */
export const verdictText = (sections: ReadonlyArray<Section>): string => {
  const marks = sections.flatMap(({ figures }) => figures.flatMap(({ mark }) => (mark === undefined ? [] : [mark])))
  return marks.length === 0 ? '' : `${marks.filter(mark => mark.met).length} of ${marks.length} first marks met\n`
}
