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
import { taskView, toDocument } from '@claimlog/wire'

/** Number of finished tasks that stay in `queue.json`; the log has all of them. */
export const finishedTasksMax = 1000

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
    return `    ${JSON.stringify(toDocument(taskView(task, initialClock)), null, 2).replaceAll('\n', '\n    ')}`
  return `    {\n      "id": ${JSON.stringify(id)},\n      "kind": ${JSON.stringify(kind)},\n      "status": "${status}"\n    }`
}

/** Formats a claim as an item of the list. */
export const claimText = (id: TaskId, { worker, token, leaseUntil }: Claim): string =>
  `    {\n      "worker": ${JSON.stringify(worker)},\n      "task_id": ${JSON.stringify(id)},\n      "token": ${token},\n      "lease_until": ${JSON.stringify(leaseUntil)}\n    }`

/** Making the whole text takes as long as finding this many tasks. */
const changedTasksMax = 100

/** The changed items of the old text, and the tasks to append. */
type TextChanges = { readonly tasks: Map<TaskId, Item>; readonly claims: Array<Item>; readonly addedTasks: Array<Task> }

/**
 * Makes the bytes of `queue.json` for `state` from those at `oldSeq`, by replacing what has changed. `changedIds`
 * contains every task that an event after `oldSeq` is about. undefined: it is not worthwhile, or something is
 * unexpected.
 */
export const updateQueueFileText = (
  oldText: string,
  oldSeq: number,
  state: State,
  changedIds: ReadonlySet<TaskId>,
): string | undefined => {
  if (changedIds.size > changedTasksMax) return undefined
  const parts = parseLists(oldText, oldSeq)
  const changes = parts === undefined ? undefined : collectChanges(parts, oldSeq, state, changedIds)
  if (parts === undefined || changes === undefined) return undefined
  const { tasks, claims, addedTasks } = changes
  addedTasks.sort((a, b) => a.seq - b.seq)
  const changedTasks = [...tasks.keys()].map(id => findTask(state, id)).filter(task => task !== undefined)
  const claimedTasks = [...changedTasks, ...addedTasks].filter(task => (task.claim?.token ?? 0) > oldSeq)
  claimedTasks.sort((a, b) => (a.claim?.token ?? 0) - (b.claim?.token ?? 0))
  return joinLists(
    applyChanges(parts.tasks, [...tasks.values()], addedTasks.map(taskText)),
    applyChanges(
      parts.claims,
      claims,
      claimedTasks.map(({ id, claim }) => (claim === undefined ? '' : claimText(id, claim))),
    ),
    state.seq,
  )
}

const collectChanges = (
  parts: QueueFileParts,
  oldSeq: number,
  state: State,
  changedIds: ReadonlySet<TaskId>,
): TextChanges | undefined => {
  const changes: TextChanges = { tasks: new Map(), claims: [], addedTasks: [] }
  const ids = new Set(changedIds)
  let newlyFinished = 0
  let retriedCount = 0
  // Grows during the loop: a task that became done, or is no longer done, changes its dependents.
  for (const id of ids) {
    const task = findTask(state, id)
    if (task === undefined) continue
    const isNew = task.seq > oldSeq
    const item = isNew ? undefined : findTaskItem(parts, id)
    const wasDone = item !== undefined && isDone(item)
    if (wasDone !== (task.status === 'done') || (task.retriedBy?.seq ?? 0) > oldSeq)
      for (const dependent of dependentIds(state, id)) if (ids.add(dependent).size > changedTasksMax) return undefined
    if (isNew) {
      changes.addedTasks.push(task)
      if (task.finished !== undefined) newlyFinished += 1
      continue
    }
    if (item === undefined) {
      // Finished long ago, and therefore not in the file.
      if (task.finished !== undefined && task.finished.seq <= oldSeq) continue
      return undefined
    }
    const isNewlyFinished = (task.finished?.seq ?? 0) > oldSeq
    if (isFinished(item) && (task.finished === undefined || isNewlyFinished)) retriedCount += 1
    else if (isNewlyFinished) newlyFinished += 1
    changes.tasks.set(id, { ...item, text: taskText(task) })
    const claim = findClaimItem(parts, id)
    const isSameClaim = task.claim !== undefined && task.claim.token <= oldSeq
    if (isSameClaim && claim === undefined) return undefined
    if (claim !== undefined)
      changes.claims.push({ ...claim, text: isSameClaim && task.claim !== undefined ? claimText(id, task.claim) : '' })
  }
  const finished = countFinished(state)
  // The file does not show which older tasks would return to it.
  if (retriedCount > 0 && finished + retriedCount > finishedTasksMax) return undefined
  return removeOldest(parts, changes, state, Math.min(newlyFinished, finished - finishedTasksMax))
}

/** Removes the `count` oldest finished tasks that exceed the limit. */
const removeOldest = (
  parts: QueueFileParts,
  changes: TextChanges,
  state: State,
  count: number,
): TextChanges | undefined => {
  if (count <= 0) return changes
  let position = 0
  for (const id of finishedTaskIds(state)) {
    position += 1
    if (position <= finishedTasksMax) continue
    if (position > finishedTasksMax + count) break
    const item = findTaskItem(parts, id)
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
type Item = { readonly start: number; readonly end: number; readonly text: string }

const head = '{\n  "tasks": ['
const middle = '],\n  "claims": ['
const separator = ',\n'
const itemEnd = '\n    }'

/** The lists of a text that was written at `seq`; undefined: it has another form. */
const parseLists = (text: string, seq: number): QueueFileParts | undefined => {
  const end = `],\n  "seq": ${seq}\n}\n`
  const tasksEnd = text.lastIndexOf(middle)
  if (!text.startsWith(head) || !text.endsWith(end) || tasksEnd < 0) return undefined
  const tasks = parseList(text.slice(head.length, tasksEnd))
  const claims = parseList(text.slice(tasksEnd + middle.length, text.length - end.length))
  return tasks === undefined || claims === undefined ? undefined : { tasks, claims }
}

const parseList = (inner: string): string | undefined => {
  if (inner === '') return ''
  return inner.startsWith('\n    {\n') && inner.endsWith(`${itemEnd}\n  `)
    ? `,${inner.slice(0, inner.length - '\n  '.length)}`
    : undefined
}

/** The text of a `queue.json` with these lists. */
const joinLists = (tasks: string, claims: string, seq: number): string =>
  `${head}${formatList(tasks)}${middle}${formatList(claims)}],\n  "seq": ${seq}\n}\n`

const formatList = (list: string): string => (list === '' ? '' : `${list.slice(1)}\n  `)

/** Finds the task `id` in the list. */
const findTaskItem = ({ tasks }: QueueFileParts, id: TaskId): Item | undefined => {
  const start = tasks.indexOf(`,\n    {\n      "id": ${JSON.stringify(id)},\n`)
  return findItem(tasks, start)
}

/** Finds the claim of the task `id` in the list. */
const findClaimItem = ({ claims }: QueueFileParts, id: TaskId): Item | undefined => {
  const idStart = claims.indexOf(`\n      "task_id": ${JSON.stringify(id)},\n`)
  return idStart < 0 ? undefined : findItem(claims, claims.lastIndexOf(',\n    {\n', idStart))
}

const findItem = (list: string, start: number): Item | undefined => {
  const lastLineStart = list.indexOf(itemEnd, start)
  if (start < 0 || lastLineStart < 0) return undefined
  const end = lastLineStart + itemEnd.length
  return { start, end, text: list.slice(start, end) }
}

/** True if a task in the list is done. */
const isDone = ({ text }: Item): boolean => text.includes('\n      "status": "done"')

/** True if a task in the list is done, failed or cancelled. */
const isFinished = (item: Item): boolean =>
  isDone(item) ||
  item.text.includes('\n      "status": "failed"') ||
  item.text.includes('\n      "status": "cancelled"')

/** Replaces the texts of some items of a list, and adds `appended` at the end. */
const applyChanges = (list: string, items: ReadonlyArray<Item>, appended: ReadonlyArray<string>): string => {
  let changedList = ''
  let copied = 0
  for (const { start, end, text } of items.toSorted((a, b) => a.start - b.start)) {
    changedList += list.slice(copied, start)
    if (text !== '') changedList += separator + text
    copied = end
  }
  changedList += list.slice(copied)
  for (const text of appended) changedList += separator + text
  return changedList
}
