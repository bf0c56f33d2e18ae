import { formatDuration, timeToMs, toPrintable } from '@claimlog/client/unstable-internals'
import type { LaneView } from '@claimlog/wire'
import { terminalColumns } from '../output/output.ts'
import { describeLaneEnd } from './lane-end.ts'
import { bold, dim, yellow } from './style.ts'
import { renderTable } from './table.ts'
import { cutToWidth, measureWidth } from './text.ts'

const gap = 2
const barWidths = { narrowest: 20, widest: 40 } as const
/** The last column is cut down to this before the bars are dropped, and to `endingWidthMin` after that. */
const endingWidthWanted = 18
const endingWidthMin = 8
const whoWidthMin = 8

/**
 * The lanes as a chart, one line per lane: name, worker, start, duration, a bar on a common time axis, and how it ended. On
 * a narrow terminal the bars are dropped first, then texts are cut.
 */
export const renderLanes = (lanes: ReadonlyArray<LaneView>, columns = terminalColumns()): string => {
  const severalDays = new Set(lanes.map(({ from }) => from.slice(0, 10))).size > 1
  const rows = lanes.map(lane => ({
    name: lane.lane === 'running' ? `attempt ${lane.attempt}` : lane.lane === 'held' ? 'on hold' : lane.lane,
    who: toPrintable(lane.worker ?? (lane.lane === 'held' ? lane.by : undefined) ?? ''),
    started: severalDays ? `${lane.from.slice(5, 10)} ${lane.from.slice(11, 19)}` : lane.from.slice(11, 23),
    took: formatDuration(lane.ms),
    ending: describeLaneEnd(lane),
  }))
  const widest = (texts: ReadonlyArray<string>): number =>
    texts.reduce((width, text) => Math.max(width, measureWidth(text)), 0)
  const fixed =
    widest(['LANE', ...rows.map(row => row.name)]) +
    widest(['STARTED', ...rows.map(row => row.started)]) +
    widest(['TOOK', ...rows.map(row => row.took)]) +
    4 * gap
  const ending = widest(['ENDED', ...rows.map(row => row.ending)])
  const whoWidthMax = Math.max(whoWidthMin, columns - fixed - Math.min(ending, endingWidthMin))
  const who = Math.min(whoWidthMax, widest(['WHO', ...rows.map(row => row.who)]))
  const barWidth = computeBarWidth(columns, fixed + who + gap, ending)
  const bars = barWidth === undefined ? undefined : renderBars(lanes, barWidth)
  return renderTable(
    ['LANE', 'WHO', 'STARTED', 'TOOK', ...(bars === undefined ? [] : ['']), 'ENDED'],
    rows.map((row, i) => [
      row.name,
      cutToWidth(row.who, whoWidthMax),
      row.started,
      row.took,
      ...(bars === undefined ? [] : [bars[i] ?? '']),
      row.ending,
    ]),
    columns,
  )
}

/**
 * The width of the bars on a terminal of `columns`, next to other columns of width `others` and a last one of `ending`;
 * undefined if there is no room for bars.
 */
const computeBarWidth = (columns: number, others: number, ending: number): number | undefined => {
  const { narrowest, widest } = barWidths
  const isTerminal = Number.isFinite(columns)
  const left = (isTerminal ? columns : 80) - others
  // Without a terminal, lines may be of any length.
  if (isTerminal && left - Math.min(ending, endingWidthWanted) < narrowest) return undefined
  return Math.max(narrowest, Math.min(widest, left - ending))
}

/** The bars differ by their characters, so that they are distinct without colours. */
const strokes: Readonly<Record<LaneView['lane'], (cells: number) => string>> = {
  waiting: cells => dim('░'.repeat(cells)),
  running: cells => bold('█'.repeat(cells)),
  retrying: cells => yellow('▒'.repeat(cells)),
  held: cells => dim('┄'.repeat(cells)),
}

/** One bar of at least one cell per lane, on a time axis from the start of the first to the end of the last. */
const renderBars = (lanes: ReadonlyArray<LaneView>, width: number): ReadonlyArray<string> => {
  const startMs = timeToMs(lanes[0]?.from ?? '')
  const spanMs = lanes.reduce((span, { from, ms }) => Math.max(span, timeToMs(from) + ms - startMs), 1)
  const toCell = (ms: number): number => Math.round((ms / spanMs) * width)
  return lanes.map(({ lane, from, ms }) => {
    const fromMs = timeToMs(from) - startMs
    const first = Math.min(width - 1, toCell(fromMs))
    return ' '.repeat(first) + strokes[lane](Math.max(1, toCell(fromMs + ms) - first))
  })
}
