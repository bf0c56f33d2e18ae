import { pluralize, toPrintable, shellQuote, displayPath } from '@claimlog/client/unstable-internals'
import { describeDamage } from './repair.ts'
import { ellipsize } from './text.ts'
import { bold, dim } from './style.ts'
import { renderFields, renderTable } from './table.ts'
import type { EventSummary, RepairView, SideView } from '@claimlog/wire'

type SideTails = ReadonlyArray<ReadonlyArray<EventSummary>>

/** The sides of a log that git merged from copies, and how to continue. `dir`: the value of `--dir`. */
export const renderSides = (view: RepairView, tails: SideTails, path: string, dir: string | undefined): string => {
  const { sides = [], commonSeq: common = 0, strayLines = 0 } = view
  const program = formatProgram(dir)
  const choices = sides.map(({ side }) => `  ${bold(`${program} repair --keep ${side} --yes`)}\n`).join('')
  return [
    `${describeDamage(view, displayPath(path))}\n`,
    renderFields([
      ['common', common === 0 ? 'nothing' : `events 1 to ${common}`],
      ...sides.map((side): readonly [string, string] => [`side ${side.side}`, describeSide(side, common)]),
      [
        'strays',
        strayLines === 0
          ? undefined
          : `${pluralize(strayLines, 'line')} that belong to no side, kept in the quarantine file`,
      ],
    ]),
    ...sides.flatMap((side, i) => [`${bold(formatSideName(side))}\n${renderTail(tails[i] ?? [])}`]),
    `Nothing was changed. Copy the whole directory first. A repair writes each side to a separate file; the log continues\n` +
      `with one of them${sides.length > 1 ? ", and claimlog reconcile then brings the other one's work over. To repair" : '. To repair'}:\n${choices}`,
  ].join('\n')
}

/** The result of a repair that continues the log with one side. */
export const renderKeptSide = (view: RepairView, dir: string | undefined): string => {
  const { sides = [], keptSide, quarantine, spent } = view
  const others = sides.filter(({ side }) => side !== keptSide)
  const next = others.map(
    ({ path }) => `  ${bold(`${formatProgram(dir)} reconcile ${shellQuote(displayPath(path))}`)}\n`,
  )
  return [
    `repaired: the log continues with side ${keptSide} and ends at seq ${view.seq}\n`,
    renderFields([
      ...sides.map((side): readonly [string, string] => [formatSideName(side), `kept as ${displayPath(side.path)}`]),
      [
        'merged',
        quarantine &&
          `${pluralize(quarantine.bytes, 'byte')} as git left them, kept as ${displayPath(quarantine.path)}`,
      ],
      [
        'spent',
        spent && `seq ${spent.first} to ${spent.last}, by events "repaired": no token of a side is granted again`,
      ],
    ]),
    next.length === 0 ? '' : `To see what only the other side has, and bring it over:\n${next.join('')}`,
  ]
    .filter(part => part !== '')
    .join('\n')
}

const formatProgram = (dir: string | undefined): string =>
  `claimlog${dir === undefined ? '' : ` --dir ${shellQuote(dir)}`}`

const formatSideName = ({ side, label }: SideView): string =>
  `side ${side}${label === undefined ? '' : ` (${ellipsize(toPrintable(label))})`}`

const describeSide = ({ seq, events, label }: SideView, common: number): string =>
  (events === 0 ? 'no further event' : `${pluralize(events, 'event')}, seq ${common + 1} to ${seq}`) +
  (label === undefined ? '' : ` (${ellipsize(toPrintable(label))})`)

const eventsShownMax = 20

/** The newest events of a history, one row per event. */
export const renderTail = (tail: ReadonlyArray<EventSummary>): string => {
  const shown = tail.slice(-eventsShownMax)
  const hiddenCount = tail.length - shown.length
  return (
    (hiddenCount === 0 ? '' : `${dim(`${pluralize(hiddenCount, 'event')} before these`)}\n`) +
    renderTable(
      ['SEQ', 'TIME', 'EVENT', 'TASK', 'WHO'],
      shown.map(({ seq, time, event, taskId, worker }) =>
        [String(seq), time, event, taskId ?? '', worker ?? ''].map(text =>
          text === '' ? dim('-') : toPrintable(text),
        ),
      ),
    )
  )
}
