import { formatDuration, msOf, printable } from '@claimlog/client/unstable-internals'
import type { Lane } from '@claimlog/wire'
import { terminalColumns } from '../output/output.ts'
import { laneEnding } from './lane-ending.ts'
import { bold, dim, yellow } from './style.ts'
import { renderTable } from './table.ts'
import { cut, widthOf } from './text.ts'

const gap = 2
const barWidths = { narrowest: 20, widest: 40 } as const
/** The text at the end of a line is cut down to this before the bars go, and to `leastEnding` once they are gone. */
const wantedEnding = 18
const leastEnding = 8
const leastWho = 8

/**
 * The lanes as a chart, a line each: what, who, since when, for how long, a bar on one time axis for all, and how it
 * ended. On a terminal that is too narrow the bars go first, then the ends of the texts.
 */
export const renderLanes = (lanes: ReadonlyArray<Lane>, columns = terminalColumns()): string => {
  const severalDays = new Set(lanes.map(({ from }) => from.slice(0, 10))).size > 1
  const rows = lanes.map(lane => ({
    name: lane.lane === 'running' ? `attempt ${lane.attempt}` : lane.lane,
    who: printable(lane.worker ?? (lane.lane === 'held' ? lane.by : undefined) ?? ''),
    started: severalDays ? `${lane.from.slice(5, 10)} ${lane.from.slice(11, 19)}` : lane.from.slice(11, 23),
    took: formatDuration(lane.ms),
    ending: laneEnding(lane),
  }))
  const widest = (texts: ReadonlyArray<string>): number =>
    texts.reduce((width, text) => Math.max(width, widthOf(text)), 0)
  const fixed =
    widest(['LANE', ...rows.map(row => row.name)]) +
    widest(['STARTED', ...rows.map(row => row.started)]) +
    widest(['TOOK', ...rows.map(row => row.took)]) +
    4 * gap
  const ending = widest(['ENDED', ...rows.map(row => row.ending)])
  const whoRoom = Math.max(leastWho, columns - fixed - Math.min(ending, leastEnding))
  const who = Math.min(whoRoom, widest(['WHO', ...rows.map(row => row.who)]))
  const barWidth = widthForBars(columns, fixed + who + gap, ending)
  const bars = barWidth === undefined ? undefined : barsOf(lanes, barWidth)
  return renderTable(
    ['LANE', 'WHO', 'STARTED', 'TOOK', ...(bars === undefined ? [] : ['']), 'ENDED'],
    rows.map((row, i) => [
      row.name,
      cut(row.who, whoRoom),
      row.started,
      row.took,
      ...(bars === undefined ? [] : [bars[i] ?? '']),
      row.ending,
    ]),
    columns,
  )
}

/**
 * How wide the bars can be on a terminal of `columns`, beside what takes `others` and the texts of `ending`; undefined: not
 * wide enough.
 */
const widthForBars = (columns: number, others: number, ending: number): number | undefined => {
  const { narrowest, widest } = barWidths
  const isTerminal = Number.isFinite(columns)
  const left = (isTerminal ? columns : 80) - others
  // What goes to no terminal can be as long as it likes.
  if (isTerminal && left - Math.min(ending, wantedEnding) < narrowest) return undefined
  return Math.max(narrowest, Math.min(widest, left - ending))
}

/** They differ by their characters, so that they do where there are no colours. */
const strokes: Readonly<Record<Lane['lane'], (cells: number) => string>> = {
  waiting: cells => dim('░'.repeat(cells)),
  running: cells => bold('█'.repeat(cells)),
  retrying: cells => yellow('▒'.repeat(cells)),
  held: cells => dim('┄'.repeat(cells)),
}

/** A bar of at least one cell for each lane, where it lies between the beginning of the first and the end of the last. */
const barsOf = (lanes: ReadonlyArray<Lane>, width: number): ReadonlyArray<string> => {
  const startMs = msOf(lanes[0]?.from ?? '')
  const spanMs = lanes.reduce((span, { from, ms }) => Math.max(span, msOf(from) + ms - startMs), 1)
  const cellAt = (ms: number): number => Math.round((ms / spanMs) * width)
  return lanes.map(({ lane, from, ms }) => {
    const fromMs = msOf(from) - startMs
    const first = Math.min(width - 1, cellAt(fromMs))
    return ' '.repeat(first) + strokes[lane](Math.max(1, cellAt(fromMs + ms) - first))
  })
}
