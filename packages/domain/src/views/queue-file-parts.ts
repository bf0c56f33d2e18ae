import type { TaskId } from '../values/names.ts'

/**
 * The lists in the text of a `queue.json`, each as the items one after the other with a comma and a newline before each.
 * An item is found by its first lines: what a task holds is indented deeper, and JSON has no newline within a string.
 */
export type QueueFileParts = { readonly tasks: string; readonly claims: string }

/** Where in its list an item lies, from the comma before it, and the text that it has or gets; '': none. */
export type Item = { readonly from: number; readonly to: number; readonly text: string }

const head = '{\n  "tasks": ['
const middle = '],\n  "claims": ['
const separator = ',\n'
const itemEnd = '\n    }'

/** The lists of a text that was written at `seq`; undefined: it is no such text. */
export const itemsOf = (text: string, seq: number): QueueFileParts | undefined => {
  const end = `],\n  "seq": ${seq}\n}\n`
  const at = text.lastIndexOf(middle)
  if (!text.startsWith(head) || !text.endsWith(end) || at < 0) return undefined
  const tasks = listOf(text.slice(head.length, at))
  const claims = listOf(text.slice(at + middle.length, text.length - end.length))
  return tasks === undefined || claims === undefined ? undefined : { tasks, claims }
}

const listOf = (inner: string): string | undefined => {
  if (inner === '') return ''
  return inner.startsWith('\n    {\n') && inner.endsWith(`${itemEnd}\n  `)
    ? `,${inner.slice(0, inner.length - '\n  '.length)}`
    : undefined
}

/** The text of a `queue.json` that has these lists. */
export const queueFileOf = (tasks: string, claims: string, seq: number): string =>
  `${head}${innerOf(tasks)}${middle}${innerOf(claims)}],\n  "seq": ${seq}\n}\n`

const innerOf = (list: string): string => (list === '' ? '' : `${list.slice(1)}\n  `)

/** The task `id` in the list. */
export const taskIn = ({ tasks }: QueueFileParts, id: TaskId): Item | undefined => {
  const from = tasks.indexOf(`,\n    {\n      "id": ${JSON.stringify(id)},\n`)
  return itemFrom(tasks, from)
}

/** The claim of the task `id` in the list. */
export const claimIn = ({ claims }: QueueFileParts, id: TaskId): Item | undefined => {
  const at = claims.indexOf(`\n      "task_id": ${JSON.stringify(id)},\n`)
  return at < 0 ? undefined : itemFrom(claims, claims.lastIndexOf(',\n    {\n', at))
}

const itemFrom = (list: string, from: number): Item | undefined => {
  const end = list.indexOf(itemEnd, from)
  if (from < 0 || end < 0) return undefined
  const to = end + itemEnd.length
  return { from, to, text: list.slice(from, to) }
}

/** Whether a task in the list is done. */
export const saysDone = ({ text }: Item): boolean => text.includes('\n      "status": "done"')

/** Whether a task in the list is finished, in whatever way. */
export const saysFinished = (item: Item): boolean =>
  saysDone(item) ||
  item.text.includes('\n      "status": "failed"') ||
  item.text.includes('\n      "status": "cancelled"')

/** The list with other texts for some of its items, and with more behind them. */
export const changedList = (list: string, items: ReadonlyArray<Item>, more: ReadonlyArray<string>): string => {
  let changed = ''
  let at = 0
  for (const { from, to, text } of items.toSorted((a, b) => a.from - b.from)) {
    changed += list.slice(at, from)
    if (text !== '') changed += separator + text
    at = to
  }
  changed += list.slice(at)
  for (const text of more) changed += separator + text
  return changed
}
