import { formatDuration, type ListQuery, timeToMs, toPrintable } from '@claimlog/client/unstable-internals'
import type { ListView } from '@claimlog/wire'
import { renderClaim } from './lease.ts'
import { joinNames } from './text.ts'
import { colourStatus, dim } from './style.ts'
import { renderTable } from './table.ts'

type ListRow = ListView['tasks'][number]

/**
 * The tasks as a table. A claimed task shows its holder, a task that is not due yet the time until then. If any task failed,
 * is on hold or depends on a failed or cancelled one, there is a column for that.
 */
export const renderList = ({ tasks }: ListView, query: ListQuery, nowMs: number): string => {
  if (tasks.length === 0) return `${dim(formatEmpty(query))}\n`
  const hasNotes = tasks.some(task => formatNote(task) !== '')
  return renderTable(
    ['TASK', 'KIND', 'STATUS', 'CLAIM', ...(hasNotes ? ['NOTE'] : []), 'TITLE'],
    tasks.map(task => [
      toPrintable(task.id),
      toPrintable(task.kind),
      colourStatus(task.status),
      formatClaim(task, nowMs),
      ...(hasNotes ? [formatNote(task)] : []),
      toPrintable(task.title ?? ''),
    ]),
  )
}

const formatNote = ({ status, error, hold, deadNeeds }: ListRow): string => {
  if (status === 'failed') return toPrintable(error ?? '')
  if (hold !== undefined) return `on hold${hold.reason === undefined ? '' : `: ${toPrintable(hold.reason)}`}`
  return deadNeeds === undefined ? '' : `${joinNames(deadNeeds.map(toPrintable))} failed or cancelled`
}

const formatClaim = (task: ListRow, nowMs: number): string => {
  if (task.claim !== undefined) return renderClaim(task.claim, nowMs)
  const dueMs = Math.max(...[task.retryAt, task.notBefore].map(time => (time === undefined ? 0 : timeToMs(time))))
  return task.status === 'ready' && dueMs > nowMs ? `in ${formatDuration(dueMs - nowMs)}` : dim('-')
}

const formatEmpty = ({ kind, status }: ListQuery): string => {
  if (kind === undefined && status === undefined) return 'no tasks; claimlog add <kind> adds one'
  return `no ${kind === undefined ? '' : `${toPrintable(kind)} `}task${status === undefined ? '' : ` is ${status}`}`
}
