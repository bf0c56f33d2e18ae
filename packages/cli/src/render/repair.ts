import { pluralize, toPrintable, shellQuote, displayPath } from '@claimlog/client/unstable-internals'
import { ellipsize } from './text.ts'
import { bold, dim } from './style.ts'
import { renderFields, renderTable } from './table.ts'
import type { RepairView } from '@claimlog/wire'

/** The output for a log that needs no repair. */
export const renderSound = (seq: number, unfinishedBytes: number): string =>
  `nothing to repair: ${pluralize(seq, 'event')}, and every line is valid\n` +
  (unfinishedBytes === 0
    ? ''
    : `the incomplete last line (${pluralize(unfinishedBytes, 'byte')}) is not damage: the next writer moves it away\n`)

/** The preview of a repair. `dir`: the value of `--dir`. */
export const renderPlan = (
  view: RepairView,
  { path, readable, lines }: ReadableLines,
  dir: string | undefined,
): string =>
  [
    `${describeDamage(view, displayPath(path))}\n`,
    renderChanges(view, { kept: 'keeps', moved: 'moves', spent: 'appends' }),
    renderLostEvents(readable, lines),
    `Nothing was changed. Copy the whole directory first; a backup of the log is better than any repair. To repair:\n` +
      `  ${bold(`claimlog${dir === undefined ? '' : ` --dir ${shellQuote(dir)}`} repair --yes`)}\n`,
  ].join('\n')

/** The result of a repair. */
export const renderRepaired = (view: RepairView): string =>
  [
    `repaired: the log ends at seq ${view.seq}, and work can continue\n`,
    renderChanges(view, { kept: 'kept', moved: 'moved', spent: 'appended' }),
  ].join('\n')

type ReadableLines = { readonly path: string; readonly readable: ReadonlyArray<unknown>; readonly lines: number }

export const describeDamage = ({ damage }: RepairView, path: string): string =>
  damage === undefined
    ? path
    : `${path} is damaged at line ${damage.line}, byte ${damage.offset}: ${ellipsize(toPrintable(damage.detail))}`

const renderChanges = (
  { kept, quarantine, spent }: RepairView,
  names: { readonly kept: string; readonly moved: string; readonly spent: string },
): string =>
  renderFields([
    [
      names.kept,
      kept &&
        (kept.events === 0
          ? 'nothing: line 1 is lost, and the workspace starts empty'
          : `${kept.events === 1 ? 'event 1' : `events 1 to ${kept.events}`}, ${pluralize(kept.tasks, 'task')}`),
    ],
    [
      names.moved,
      quarantine &&
        `${pluralize(quarantine.bytes, 'byte')} from byte ${quarantine.from} on, ` +
          `${pluralize(quarantine.lines, 'line')}, to ${displayPath(quarantine.path)}`,
    ],
    [
      names.spent,
      spent &&
        `${pluralize(spent.last - spent.first + 1, 'event')} "repaired", ` +
          `${spent.first === spent.last ? `seq ${spent.first}` : `seq ${spent.first} to ${spent.last}`}: ` +
          'no token is granted twice',
    ],
  ])

const renderLostEvents = (readable: ReadonlyArray<unknown>, lines: number): string => {
  if (readable.length === 0) return `${dim('No line of the moved part is readable.')}\n`
  const more = lines - readable.length
  return (
    `Readable lines of the moved part, which the log loses:\n` +
    renderTable(
      ['SEQ', 'EVENT', 'TASK'],
      readable.map(json => ['seq', 'event', 'task_id'].map(field => formatField(json, field))),
    ) +
    (more === 0 ? '' : `${dim(`and ${pluralize(more, 'line')} more`)}\n`)
  )
}

/** A field of a damaged line, which can contain anything. */
const formatField = (json: unknown, field: string): string => {
  const value = typeof json === 'object' && json !== null ? (json as Record<string, unknown>)[field] : undefined
  return typeof value === 'string' || typeof value === 'number' ? ellipsize(toPrintable(String(value))) : dim('-')
}
