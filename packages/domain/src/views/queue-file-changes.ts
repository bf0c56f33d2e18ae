import type { TaskId } from '../values/names.ts'
import type { State } from '../state/state.ts'
import type { Task } from '../state/task.ts'
import { claimText, maxFinishedInQueueFile, taskText } from './queue-file.ts'
import {
  changedList,
  claimIn,
  type Item,
  itemsOf,
  type QueueFileParts,
  queueFileOf,
  saysDone,
  saysFinished,
  taskIn,
} from './queue-file-parts.ts'

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
  const claimed = [...tasks.keys()].map(id => state.table.get(id)).filter(task => task !== undefined)
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
  const { table } = state
  const changes: Changes = { tasks: new Map(), claims: [], added: [] }
  const ids = new Set(changed)
  let finishedSince = 0
  let revived = 0
  // Grows on the way: a task that was done, or is no longer, changes those that need it.
  for (const id of ids) {
    const task = table.get(id)
    if (task === undefined) continue
    const isNew = task.seq > since
    const item = isNew ? undefined : taskIn(parts, id)
    const wasDone = item !== undefined && saysDone(item)
    if (wasDone !== (task.status === 'done') || (task.revived?.seq ?? 0) > since)
      for (const dependent of table.range('dependents', id)) if (ids.add(dependent).size > mostChanged) return undefined
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
  const finished = table.count('finished', '')
  // Which ones would have come back into the file is not in it.
  if (revived > 0 && finished + revived > maxFinishedInQueueFile) return undefined
  return leaveOut(parts, changes, state, Math.min(finishedSince, finished - maxFinishedInQueueFile))
}

/** Takes out the `count` tasks that too many others were finished after. */
const leaveOut = (parts: QueueFileParts, changes: Changes, { table }: State, count: number): Changes | undefined => {
  if (count <= 0) return changes
  let place = 0
  for (const id of table.backwards('finished', '')) {
    place += 1
    if (place <= maxFinishedInQueueFile) continue
    if (place > maxFinishedInQueueFile + count) break
    const item = taskIn(parts, id)
    if (item === undefined) return undefined
    changes.tasks.set(id, { ...item, text: '' })
  }
  return changes
}
