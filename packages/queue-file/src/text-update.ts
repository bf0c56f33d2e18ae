import {
  type Claim,
  countFinished,
  dependentIds,
  findTask,
  finishedTaskIds,
  type State,
  type Task,
  type TaskId,
  unsetClock,
} from '@claimlog/domain'
import { taskView } from '@claimlog/wire'

/** Finished tasks that stay in `queue.json`; the log keeps all. */
export const maxFinishedInQueueFile = 1000

/** Changes whenever other bytes are made of the same state: a text of another format is not gone on from. */
export const queueFileFormat = 1

/** A task as one of a list of them. Nearly every task has nothing but what tells it from the others. */
export const taskText = (task: Task): string => {
  const { id, kind, status, spec, hold, settled } = task
  const { title, payload, needs, priority, notBefore, maxAttempts, backoff, leaseMs, key, tags } = spec
  if (
    (hold ?? settled ?? title ?? needs ?? priority ?? notBefore ?? maxAttempts ?? backoff ?? key ?? tags) !==
      undefined ||
    payload !== undefined ||
    leaseMs !== undefined
  )
    return `    ${JSON.stringify(taskView(task, unsetClock), null, 2).replaceAll('\n', '\n    ')}`
  return `    {\n      "id": ${JSON.stringify(id)},\n      "kind": ${JSON.stringify(kind)},\n      "status": "${status}"\n    }`
}

/** A claim as one of a list of them. */
export const claimText = (id: TaskId, { worker, token, leaseUntil }: Claim): string =>
  `    {\n      "worker": ${JSON.stringify(worker)},\n      "task_id": ${JSON.stringify(id)},\n      "token": ${token},\n      "lease_until": ${JSON.stringify(leaseUntil)}\n    }`

/** Beyond that the whole text is made in the time that looking for so many tasks takes. */
const mostChanged = 100

/** What becomes of the items of the old text, and what comes behind them. */
type Changes = { readonly tasks: Map<TaskId, Item>; readonly claims: Array<Item>; readonly added: Array<Task> }

/**
 * The bytes of `queue.json` for `state`, made from those that it had at seq `since` by replacing what has changed.
 * `changed` names every task that an event after `since` is about. undefined: it is not worth it, or anything is odd.
 */
export const queueFileTextFrom = (
  old: string,
  since: number,
  state: State,
  changed: ReadonlySet<TaskId>,
): string | undefined => {
  if (changed.size > mostChanged) return undefined
  const parts = itemsOf(old, since)
  const changes = parts === undefined ? undefined : changesOf(parts, since, state, changed)
  if (parts === undefined || changes === undefined) return undefined
  const { tasks, claims, added } = changes
  added.sort((a, b) => a.seq - b.seq)
  const claimed = [...tasks.keys()].map(id => findTask(state, id)).filter(task => task !== undefined)
  const taken = [...claimed, ...added].filter(task => (task.claim?.token ?? 0) > since)
  taken.sort((a, b) => (a.claim?.token ?? 0) - (b.claim?.token ?? 0))
  return queueFileOf(
    changedList(parts.tasks, [...tasks.values()], added.map(taskText)),
    changedList(
      parts.claims,
      claims,
      taken.map(({ id, claim }) => (claim === undefined ? '' : claimText(id, claim))),
    ),
    state.seq,
  )
}

const changesOf = (
  parts: QueueFileParts,
  since: number,
  state: State,
  changed: ReadonlySet<TaskId>,
): Changes | undefined => {
  const changes: Changes = { tasks: new Map(), claims: [], added: [] }
  const ids = new Set(changed)
  let finishedSince = 0
  let revived = 0
  // Grows on the way: a task that was done, or is no longer, changes those that need it.
  for (const id of ids) {
    const task = findTask(state, id)
    if (task === undefined) continue
    const isNew = task.seq > since
    const item = isNew ? undefined : taskIn(parts, id)
    const wasDone = item !== undefined && saysDone(item)
    if (wasDone !== (task.status === 'done') || (task.revived?.seq ?? 0) > since)
      for (const dependent of dependentIds(state, id)) if (ids.add(dependent).size > mostChanged) return undefined
    if (isNew) {
      changes.added.push(task)
      if (task.finished !== undefined) finishedSince += 1
      continue
    }
    if (item === undefined) {
      // Finished long ago, and not in the file for that.
      if (task.finished !== undefined && task.finished.seq <= since) continue
      return undefined
    }
    const isFinishedSince = (task.finished?.seq ?? 0) > since
    if (saysFinished(item) && (task.finished === undefined || isFinishedSince)) revived += 1
    else if (isFinishedSince) finishedSince += 1
    changes.tasks.set(id, { ...item, text: taskText(task) })
    const claim = claimIn(parts, id)
    const isHeldOn = task.claim !== undefined && task.claim.token <= since
    if (isHeldOn && claim === undefined) return undefined
    if (claim !== undefined)
      changes.claims.push({ ...claim, text: isHeldOn && task.claim !== undefined ? claimText(id, task.claim) : '' })
  }
  const finished = countFinished(state)
  // Which ones would have come back into the file is not in it.
  if (revived > 0 && finished + revived > maxFinishedInQueueFile) return undefined
  return leaveOut(parts, changes, state, Math.min(finishedSince, finished - maxFinishedInQueueFile))
}

/** Takes out the `count` tasks that too many others were finished after. */
const leaveOut = (parts: QueueFileParts, changes: Changes, state: State, count: number): Changes | undefined => {
  if (count <= 0) return changes
  let place = 0
  for (const id of finishedTaskIds(state)) {
    place += 1
    if (place <= maxFinishedInQueueFile) continue
    if (place > maxFinishedInQueueFile + count) break
    const item = taskIn(parts, id)
    if (item === undefined) return undefined
    changes.tasks.set(id, { ...item, text: '' })
  }
  return changes
}

/**
 * The lists in the text of a `queue.json`, each as the items one after the other with a comma and a newline before each.
 * An item is found by its first lines: what a task holds is indented deeper, and JSON has no newline within a string.
 */
type QueueFileParts = { readonly tasks: string; readonly claims: string }

/** Where in its list an item lies, from the comma before it, and the text that it has or gets; '': none. */
type Item = { readonly from: number; readonly to: number; readonly text: string }

const head = '{\n  "tasks": ['
const middle = '],\n  "claims": ['
const separator = ',\n'
const itemEnd = '\n    }'

/** The lists of a text that was written at `seq`; undefined: it is no such text. */
const itemsOf = (text: string, seq: number): QueueFileParts | undefined => {
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
const queueFileOf = (tasks: string, claims: string, seq: number): string =>
  `${head}${innerOf(tasks)}${middle}${innerOf(claims)}],\n  "seq": ${seq}\n}\n`

const innerOf = (list: string): string => (list === '' ? '' : `${list.slice(1)}\n  `)

/** The task `id` in the list. */
const taskIn = ({ tasks }: QueueFileParts, id: TaskId): Item | undefined => {
  const from = tasks.indexOf(`,\n    {\n      "id": ${JSON.stringify(id)},\n`)
  return itemFrom(tasks, from)
}

/** The claim of the task `id` in the list. */
const claimIn = ({ claims }: QueueFileParts, id: TaskId): Item | undefined => {
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
const saysDone = ({ text }: Item): boolean => text.includes('\n      "status": "done"')

/** Whether a task in the list is finished, in whatever way. */
const saysFinished = (item: Item): boolean =>
  saysDone(item) ||
  item.text.includes('\n      "status": "failed"') ||
  item.text.includes('\n      "status": "cancelled"')

/** The list with other texts for some of its items, and with more behind them. */
const changedList = (list: string, items: ReadonlyArray<Item>, more: ReadonlyArray<string>): string => {
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
