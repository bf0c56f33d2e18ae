import type { Figure, Section } from './figure.ts'
import type { Machine } from '../measure/machine.ts'
import type { Peer } from '../contenders/peer.ts'
import { type Verdict, verdictsOn } from './verdict.ts'
import { amountText, plain, times } from './words.ts'

/** A run of the benchmark. The JSON report is this object and the verdicts. */
export type Run = {
  readonly machine: Machine
  readonly command: string
  readonly quick: boolean
  readonly peer: Peer
  readonly sections: ReadonlyArray<Section>
}

/** A Markdown table with aligned columns, so that its source is readable too. `right`: the columns of numbers. */
const table = (
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  right: ReadonlyArray<number>,
): string => {
  const widths = head.map((title, column) => Math.max(3, title.length, ...rows.map(row => (row[column] ?? '').length)))
  const line = (cells: ReadonlyArray<string>): string =>
    `| ${widths.map((width, i) => (right.includes(i) ? (cells[i] ?? '').padStart(width) : (cells[i] ?? '').padEnd(width))).join(' | ')} |`
  const rule = widths.map((width, i) => (right.includes(i) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)))
  return [line(head), line(rule), ...rows.map(line)].map(text => `${text}\n`).join('')
}

/** The machine and the run, one line per fact. */
export const machineText = ({ machine, command, quick, peer }: Run): string => {
  const { cpu, cores, memoryGiB, node, kernel, fileSystem, date, extraCaCertsUnset } = machine
  const lines = [
    `machine: ${cpu}, ${cores} cores, ${memoryGiB} GiB`,
    `system: ${kernel}, Node ${node}`,
    `files on: ${fileSystem}`,
    `date: ${date}`,
    `command: \`${command}\``,
    `peer: ${peer.installed ? `${peer.name}, WAL` : `not measured, because better-sqlite3 could not be installed: ${peer.why}`}`,
    ...(extraCaCertsUnset
      ? ['NODE_EXTRA_CA_CERTS is set here; processes are started without it, as it adds 30 ms to each start of Node 20']
      : []),
    ...(fileSystem.startsWith('tmpfs')
      ? ['files are in memory here, so syncing costs nothing; use --dir on a disk']
      : []),
    ...(quick ? ['**a quick run, for trying the benchmark: do not quote its results**'] : []),
  ]
  return lines.map(line => `- ${line}\n`).join('')
}

const ratioText = ({ ratio }: Figure): string => (ratio === undefined || Number.isNaN(ratio) ? '' : times(ratio))

const besideText = ({ beside }: Figure): string =>
  beside === undefined || Number.isNaN(beside.amount.value) ? '' : `${beside.what}: ${amountText(beside.amount)}`

/** The table of a scenario's figures, with baselines and ratios. */
export const sectionText = ({ title, figures, remarks }: Section): string => {
  const rows = figures.map(figure => [figure.what, amountText(figure.amount), besideText(figure), ratioText(figure)])
  return [
    `### ${title}\n`,
    table(['what', 'result', 'baseline', 'ratio'], rows, [1, 3]),
    ...(remarks.length > 0 ? [`${remarks.join('\n')}\n`] : []),
  ].join('\n')
}

const percent = (share: number): string => `${share < 0.1 ? (share * 100).toFixed(1) : Math.round(share * 100)} %`

const outcomeText = ({ outcome, missedBy, mark, aim }: Verdict): string => {
  if (missedBy === undefined) return outcome
  if (outcome === 'threshold met') return `threshold met; goal missed by ${percent(missedBy)}`
  return `${mark === undefined && aim !== undefined ? 'goal ' : ''}missed by ${percent(missedBy)}`
}

const wantedText = ({ of }: Verdict, wanted: number | undefined): string =>
  wanted === undefined ? '' : of === 'ratio' ? times(wanted) : plain(wanted)

/** The table of targets: one row per target, with its figure, baseline, threshold, goal and outcome. */
export const targetsText = (sections: ReadonlyArray<Section>): string => {
  const rows = verdictsOn(sections).map(verdict => {
    const { words, is, figure, measured, of, mark, aim } = verdict
    return [
      words,
      measured === undefined ? '' : of === 'ratio' ? times(measured) : plain(measured),
      figure === undefined ? '' : amountText(figure.amount),
      figure === undefined ? '' : besideText(figure),
      mark === undefined && aim === undefined ? '' : is,
      wantedText(verdict, mark),
      wantedText(verdict, aim),
      outcomeText(verdict),
    ]
  })
  const head = ['target', 'measured', 'result', 'baseline', 'bound', 'threshold', 'goal', 'met?']
  return table(head, rows, [1, 2, 5, 6])
}

/** The number of thresholds and goals met, in one line. */
export const summaryText = (sections: ReadonlyArray<Section>): string => {
  const verdicts = verdictsOn(sections).filter(({ outcome }) => outcome !== 'not measured')
  const marks = verdicts.filter(({ mark }) => mark !== undefined)
  const aims = verdicts.filter(({ aim }) => aim !== undefined)
  const marksMet = marks.filter(({ outcome }) => outcome !== 'missed').length
  const aimsMet = aims.filter(({ outcome }) => outcome === 'goal met').length
  return `${marksMet} of ${marks.length} thresholds met, ${aimsMet} of ${aims.length} goals.\n`
}

/** The whole report of a run, in Markdown. */
export const reportText = (run: Run): string =>
  [
    machineText(run),
    `## Targets\n\n${targetsText(run.sections)}\n${summaryText(run.sections)}`,
    `## Figures\n\n${run.sections.map(sectionText).join('\n')}`,
  ].join('\n')
