import {
  type Claim,
  countFinished,
  dependentIds,
  findTask,
  finishedTaskIds,
  type State,
  type Task,
  type TaskId,
  initialClock,
} from '@claimlog/domain'
import { taskView } from '@claimlog/wire'

/** Number of finished tasks that stay in `queue.json`; the log has all of them. */
export const maxFinishedInQueueFile = 1000

/** Incremented when the bytes for the same state change: a text of another format is not updated. */
export const queueFileFormat = 1

/** Formats a task as an item of the list. Nearly every task has only its id, kind and status. */
export const taskText = (task: Task): string => {
  const { id, kind, status, spec, hold, lastClaimEnd } = task
  const { title, payload, needs, priority, notBefore, maxAttempts, backoff, leaseMs, key, tags } = spec
  if (
    (hold ?? lastClaimEnd ?? title ?? needs ?? priority ?? notBefore ?? maxAttempts ?? backoff ?? key ?? tags) !==
      undefined ||
    payload !== undefined ||
    leaseMs !== undefined
  )
    return `    ${JSON.stringify(taskView(task, initialClock), null, 2).replaceAll('\n', '\n    ')}`
  return `    {\n      "id": ${JSON.stringify(id)},\n      "kind": ${JSON.stringify(kind)},\n      "status": "${status}"\n    }`
}

/** Formats a claim as an item of the list. */
export const claimText = (id: TaskId, { worker, token, leaseUntil }: Claim): string =>
  `    {\n      "worker": ${JSON.stringify(worker)},\n      "task_id": ${JSON.stringify(id)},\n      "token": ${token},\n      "lease_until": ${JSON.stringify(leaseUntil)}\n    }`

/** Making the whole text takes as long as finding this many tasks. */
const mostChanged = 100

/** The changed items of the old text, and the tasks to append. */
type Changes = { readonly tasks: Map<TaskId, Item>; readonly claims: Array<Item>; readonly added: Array<Task> }

/**
 * Makes the bytes of `queue.json` for `state` from those at `oldSeq`, by replacing what has changed. `changedIds`
 * contains every task that an event after `oldSeq` is about. undefined: it is not worthwhile, or something is
 * unexpected.
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
  // Grows during the loop: a task that became done, or is no longer done, changes its dependents.
  for (const id of ids) {
    const task = findTask(state, id)
    if (task === undefined) continue
    const isNew = task.seq > since
    const item = isNew ? undefined : taskIn(parts, id)
    const wasDone = item !== undefined && saysDone(item)
    if (wasDone !== (task.status === 'done') || (task.retriedBy?.seq ?? 0) > since)
      for (const dependent of dependentIds(state, id)) if (ids.add(dependent).size > mostChanged) return undefined
    if (isNew) {
      changes.added.push(task)
      if (task.finished !== undefined) finishedSince += 1
      continue
    }
    if (item === undefined) {
      // Finished long ago, and therefore not in the file.
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
  // The file does not show which older tasks would return to it.
  if (revived > 0 && finished + revived > maxFinishedInQueueFile) return undefined
  return leaveOut(parts, changes, state, Math.min(finishedSince, finished - maxFinishedInQueueFile))
}

/** Removes the `count` oldest finished tasks that exceed the limit. */
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
 * The lists in the text of a `queue.json`: their items, with a comma and a newline before each. An item is found by its
 * first lines: the content of a task is indented deeper, and a JSON string contains no newline.
 */
type QueueFileParts = { readonly tasks: string; readonly claims: string }

/** The range of an item in its list, from the comma before it, and its old or new text; '': removed. */
type Item = { readonly from: number; readonly to: number; readonly text: string }

const head = '{\n  "tasks": ['
const middle = '],\n  "claims": ['
const separator = ',\n'
const itemEnd = '\n    }'

/** The lists of a text that was written at `seq`; undefined: it has another form. */
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

/** The text of a `queue.json` with these lists. */
const queueFileOf = (tasks: string, claims: string, seq: number): string =>
  `${head}${innerOf(tasks)}${middle}${innerOf(claims)}],\n  "seq": ${seq}\n}\n`

const innerOf = (list: string): string => (list === '' ? '' : `${list.slice(1)}\n  `)

/** Finds the task `id` in the list. */
const taskIn = ({ tasks }: QueueFileParts, id: TaskId): Item | undefined => {
  const from = tasks.indexOf(`,\n    {\n      "id": ${JSON.stringify(id)},\n`)
  return itemFrom(tasks, from)
}

/** Finds the claim of the task `id` in the list. */
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

/** True if a task in the list is done. */
const saysDone = ({ text }: Item): boolean => text.includes('\n      "status": "done"')

/** True if a task in the list is done, failed or cancelled. */
const saysFinished = (item: Item): boolean =>
  saysDone(item) ||
  item.text.includes('\n      "status": "failed"') ||
  item.text.includes('\n      "status": "cancelled"')

/** Replaces the texts of some items of a list, and adds `appended` at the end. */
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
