import { pluralize, toPrintable, shellQuote, displayPath } from '@claimlog/client/unstable-internals'
import { damageWords } from './repair.ts'
import { shortened } from './text.ts'
import { bold, dim } from './style.ts'
import { renderFields, renderTable } from './table.ts'
import type { EventSummary, RepairView, SideView } from '@claimlog/wire'

type Tails = ReadonlyArray<ReadonlyArray<EventSummary>>

/** The sides of a log that git merged from copies, and how to continue. `dir`: the value of `--dir`. */
export const renderSides = (view: RepairView, tails: Tails, path: string, dir: string | undefined): string => {
  const { sides = [], common_seq: common = 0, stray_lines: strays = 0 } = view
  const program = programIn(dir)
  const choices = sides.map(({ side }) => `  ${bold(`${program} repair --keep ${side} --yes`)}\n`).join('')
  return [
    `${damageWords(view, displayPath(path))}\n`,
    renderFields([
      ['common', common === 0 ? 'nothing' : `events 1 to ${common}`],
      ...sides.map((side): readonly [string, string] => [`side ${side.side}`, sideWords(side, common)]),
      [
        'strays',
        strays === 0 ? undefined : `${pluralize(strays, 'line')} that belong to no side, kept in the quarantine file`,
      ],
    ]),
    ...sides.flatMap((side, i) => [`${bold(sideName(side))}\n${renderTail(tails[i] ?? [])}`]),
    `Nothing was changed. Copy the whole directory first. A repair writes each side to a separate file; the log continues\n` +
      `with one of them${sides.length > 1 ? ", and claimlog reconcile then brings the other one's work over. To repair" : '. To repair'}:\n${choices}`,
  ].join('\n')
}

/** The result of a repair that continues the log with one side. */
export const renderKeptSide = (view: RepairView, dir: string | undefined): string => {
  const { sides = [], kept_side: keptSide, quarantine, spent } = view
  const others = sides.filter(({ side }) => side !== keptSide)
  const next = others.map(({ path }) => `  ${bold(`${programIn(dir)} reconcile ${shellQuote(displayPath(path))}`)}\n`)
  return [
    `repaired: the log continues with side ${keptSide} and ends at seq ${view.seq}\n`,
    renderFields([
      ...sides.map((side): readonly [string, string] => [sideName(side), `kept as ${displayPath(side.path)}`]),
      [
        'merged',
        quarantine &&
          `${pluralize(quarantine.bytes, 'byte')} as git left them, kept as ${displayPath(quarantine.path)}`,
      ],
      [
        'spent',
        spent && `seq ${spent.first} to ${spent.last}, by events "repaired": no token of a side is issued again`,
      ],
    ]),
    next.length === 0 ? '' : `To see what only the other side has, and bring it over:\n${next.join('')}`,
  ]
    .filter(part => part !== '')
    .join('\n')
}

const programIn = (dir: string | undefined): string => `claimlog${dir === undefined ? '' : ` --dir ${shellQuote(dir)}`}`

const sideName = ({ side, label }: SideView): string =>
  `side ${side}${label === undefined ? '' : ` (${shortened(toPrintable(label))})`}`

const sideWords = ({ seq, events, label }: SideView, common: number): string =>
  (events === 0 ? 'no further event' : `${pluralize(events, 'event')}, seq ${common + 1} to ${seq}`) +
  (label === undefined ? '' : ` (${shortened(toPrintable(label))})`)

const mostShown = 20

/** The newest events of a history, one row per event. */
export const renderTail = (tail: ReadonlyArray<EventSummary>): string => {
  const shown = tail.slice(-mostShown)
  const left = tail.length - shown.length
  return (
    (left === 0 ? '' : `${dim(`${pluralize(left, 'event')} before these`)}\n`) +
    renderTable(
      ['SEQ', 'TIME', 'EVENT', 'TASK', 'WHO'],
      shown.map(({ seq, time, event, task_id: taskId, worker }) =>
        [String(seq), time, event, taskId ?? '', worker ?? ''].map(text =>
          text === '' ? dim('-') : toPrintable(text),
        ),
      ),
    )
  )
}
