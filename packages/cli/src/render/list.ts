import { formatDuration, type ListQuery, msOf, printable } from '@claimlog/client/unstable-internals'
import type { ListView } from '@claimlog/wire'
import { renderClaim } from './lease.ts'
import { shortList } from './text.ts'
import { colouredStatus, dim } from './style.ts'
import { renderTable } from './table.ts'

type ListedTask = ListView['tasks'][number]

/**
 * The tasks as a table; a claimed task shows who holds it, one whose time has not come when it does. Where one failed,
 * was put aside, or waits for what nobody will do, a column says so.
 */
export const renderList = ({ tasks }: ListView, query: ListQuery, nowMs: number): string => {
  if (tasks.length === 0) return `${dim(emptyWords(query))}\n`
  const noted = tasks.some(task => noteOn(task) !== '')
  return renderTable(
    ['TASK', 'KIND', 'STATUS', 'CLAIM', ...(noted ? ['NOTE'] : []), 'TITLE'],
    tasks.map(task => [
      printable(task.id),
      printable(task.kind),
      colouredStatus(task.status),
      claimCell(task, nowMs),
      ...(noted ? [noteOn(task)] : []),
      printable(task.title ?? ''),
    ]),
  )
}

const noteOn = ({ status, error, hold, dead_needs: dead }: ListedTask): string => {
  if (status === 'failed') return printable(error ?? '')
  if (hold !== undefined) return `held${hold.reason === undefined ? '' : `: ${printable(hold.reason)}`}`
  return dead === undefined ? '' : `needs ${shortList(dead.map(printable))}: not to be done`
}

const claimCell = (task: ListedTask, nowMs: number): string => {
  if (task.claim !== undefined) return renderClaim(task.claim, nowMs)
  const dueMs = Math.max(...[task.retry_at, task.not_before].map(time => (time === undefined ? 0 : msOf(time))))
  return task.status === 'ready' && dueMs > nowMs ? `in ${formatDuration(dueMs - nowMs)}` : dim('-')
}

const emptyWords = ({ kind, status }: ListQuery): string => {
  if (kind === undefined && status === undefined) return 'no tasks; claimlog add <kind> makes one'
  return `no ${kind === undefined ? '' : `${printable(kind)} `}task${status === undefined ? '' : ` is ${status}`}`
}
