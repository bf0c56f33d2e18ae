import type { Figure, ReportSection } from './figure.ts'
import type { Machine } from '../measure/machine.ts'
import type { Peer } from '../contenders/peer.ts'
import { type Verdict, judgeSections } from './verdict.ts'
import { formatAmount, formatNumber, formatRatio } from './format-values.ts'

/** A run of the benchmark. The JSON report is this object and the verdicts. */
export type BenchRun = {
  readonly machine: Machine
  readonly command: string
  readonly quick: boolean
  /** True if only some scenarios were run. */
  readonly partial: boolean
  /** undefined: no scenario needs it. */
  readonly peer: Peer | undefined
  readonly sections: ReadonlyArray<ReportSection>
}

/** A Markdown table with aligned columns, so that its source is readable too. `right`: the columns of numbers. */
const renderTable = (
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

const describePeer = (peer: Peer): string =>
  `peer: ${peer.installed ? `${peer.name}, WAL` : `not measured, because better-sqlite3 could not be installed: ${peer.why}`}`

/** The machine and the run, one line per fact. */
export const renderMachine = ({ machine, command, quick, peer }: BenchRun): string => {
  const { cpu, cores, memoryGiB, node, kernel, fileSystem, date, extraCaCertsUnset } = machine
  const lines = [
    `machine: ${cpu}, ${cores} cores, ${memoryGiB} GiB`,
    `system: ${kernel}, Node ${node}`,
    `files on: ${fileSystem}`,
    `date: ${date}`,
    `command: \`${command}\``,
    ...(peer === undefined ? [] : [describePeer(peer)]),
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

const formatRatioCell = ({ ratio }: Figure): string =>
  ratio === undefined || Number.isNaN(ratio) ? '' : formatRatio(ratio)

const formatBaseline = ({ baseline }: Figure): string =>
  baseline === undefined || Number.isNaN(baseline.amount.value)
    ? ''
    : `${baseline.what}: ${formatAmount(baseline.amount)}`

/** The table of a scenario's figures, with baselines and ratios. */
export const renderSection = ({ title, figures, remarks }: ReportSection): string => {
  const rows = figures.map(figure => [
    figure.what,
    formatAmount(figure.amount),
    formatBaseline(figure),
    formatRatioCell(figure),
  ])
  return [
    `### ${title}\n`,
    renderTable(['what', 'result', 'baseline', 'ratio'], rows, [1, 3]),
    ...(remarks.length > 0 ? [`${remarks.join('\n')}\n`] : []),
  ].join('\n')
}

const formatPercent = (share: number): string => `${share < 0.1 ? (share * 100).toFixed(1) : Math.round(share * 100)} %`

const formatOutcome = ({ outcome, missedBy, threshold, goal }: Verdict): string => {
  if (missedBy === undefined) return outcome
  if (outcome === 'threshold met') return `threshold met; goal missed by ${formatPercent(missedBy)}`
  return `${threshold === undefined && goal !== undefined ? 'goal ' : ''}missed by ${formatPercent(missedBy)}`
}

const formatLimit = ({ measure }: Verdict, limit: number | undefined): string =>
  limit === undefined ? '' : measure === 'ratio' ? formatRatio(limit) : formatNumber(limit)

/**
 * The table of targets: one row per target, with its figure, baseline, threshold, goal and outcome. Targets without a
 * figure are left out if only some scenarios were run (`isPartial`), and those of a log on a server always.
 */
export const renderTargets = (sections: ReadonlyArray<ReportSection>, isPartial: boolean): string => {
  const verdicts = judgeSections(sections).filter(
    ({ outcome, onServer }) => outcome !== 'not measured' || (!isPartial && onServer !== true),
  )
  const rows = verdicts.map(verdict => {
    const { title, bound, figure, measured, measure, threshold, goal } = verdict
    return [
      title,
      measured === undefined ? '' : measure === 'ratio' ? formatRatio(measured) : formatNumber(measured),
      figure === undefined ? '' : formatAmount(figure.amount),
      figure === undefined ? '' : formatBaseline(figure),
      threshold === undefined && goal === undefined ? '' : bound,
      formatLimit(verdict, threshold),
      formatLimit(verdict, goal),
      formatOutcome(verdict),
    ]
  })
  const head = ['target', 'measured', 'result', 'baseline', 'bound', 'threshold', 'goal', 'met?']
  return renderTable(head, rows, [1, 2, 5, 6])
}

/** The number of thresholds and goals met, in one line. */
export const renderSummary = (sections: ReadonlyArray<ReportSection>): string => {
  const verdicts = judgeSections(sections).filter(({ outcome }) => outcome !== 'not measured')
  const withThreshold = verdicts.filter(({ threshold }) => threshold !== undefined)
  const withGoal = verdicts.filter(({ goal }) => goal !== undefined)
  const thresholdsMet = withThreshold.filter(({ outcome }) => outcome !== 'missed').length
  const goalsMet = withGoal.filter(({ outcome }) => outcome === 'goal met').length
  return `${thresholdsMet} of ${withThreshold.length} thresholds met, ${goalsMet} of ${withGoal.length} goals.\n`
}

/** The whole report of a run, in Markdown. */
export const renderReport = (run: BenchRun): string =>
  [
    renderMachine(run),
    `## Targets\n\n${renderTargets(run.sections, run.partial)}\n${renderSummary(run.sections)}`,
    `## Figures\n\n${run.sections.map(renderSection).join('\n')}`,
  ].join('\n')
