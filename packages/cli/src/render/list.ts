import { formatDuration, type ListQuery, timeToMs, toPrintable } from '@claimlog/client/unstable-internals'
import type { ListView } from '@claimlog/wire'
import { renderClaim } from './lease.ts'
import { shortList } from './text.ts'
import { colouredStatus, dim } from './style.ts'
import { renderTable } from './table.ts'

type ListedTask = ListView['tasks'][number]

/**
 * The tasks as a table. A claimed task shows its holder, a task that is not due yet the time until then. If any task failed,
 * is on hold or depends on a failed or cancelled one, there is a column for that.
 */
export const renderList = ({ tasks }: ListView, query: ListQuery, nowMs: number): string => {
  if (tasks.length === 0) return `${dim(emptyWords(query))}\n`
  const noted = tasks.some(task => noteOn(task) !== '')
  return renderTable(
    ['TASK', 'KIND', 'STATUS', 'CLAIM', ...(noted ? ['NOTE'] : []), 'TITLE'],
    tasks.map(task => [
      toPrintable(task.id),
      toPrintable(task.kind),
      colouredStatus(task.status),
      claimCell(task, nowMs),
      ...(noted ? [noteOn(task)] : []),
      toPrintable(task.title ?? ''),
    ]),
  )
}

const noteOn = ({ status, error, hold, dead_needs: dead }: ListedTask): string => {
  if (status === 'failed') return toPrintable(error ?? '')
  if (hold !== undefined) return `on hold${hold.reason === undefined ? '' : `: ${toPrintable(hold.reason)}`}`
  return dead === undefined ? '' : `${shortList(dead.map(toPrintable))} failed or cancelled`
}

const claimCell = (task: ListedTask, nowMs: number): string => {
  if (task.claim !== undefined) return renderClaim(task.claim, nowMs)
  const dueMs = Math.max(...[task.retry_at, task.not_before].map(time => (time === undefined ? 0 : timeToMs(time))))
  return task.status === 'ready' && dueMs > nowMs ? `in ${formatDuration(dueMs - nowMs)}` : dim('-')
}

const emptyWords = ({ kind, status }: ListQuery): string => {
  if (kind === undefined && status === undefined) return 'no tasks; claimlog add <kind> adds one'
  return `no ${kind === undefined ? '' : `${toPrintable(kind)} `}task${status === undefined ? '' : ` is ${status}`}`
}
