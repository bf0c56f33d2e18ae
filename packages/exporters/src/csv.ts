import type { Json } from '@claimlog/codecs'
import type { ListQuery, State } from '@claimlog/domain'
import { type ExportedTask, exportedTask } from '@claimlog/wire'
import { selectTasks } from './select-tasks.ts'

type Cell = string | number | undefined

/** The columns and their values. List items are separated by spaces, which no name contains. */
const columns: Readonly<Record<string, (task: ExportedTask) => Cell>> = {
  id: ({ id }) => id,
  kind: ({ kind }) => kind,
  status: ({ status }) => status,
  title: ({ title }) => title,
  worker: ({ claim }) => claim?.worker,
  token: ({ claim }) => claim?.token,
  attempt: ({ claim }) => claim?.attempt,
  claimed_at: ({ claim }) => claim?.claimedAt,
  lease_until: ({ claim }) => (claim === undefined ? undefined : (claim.leaseUntil ?? 'null')),
  progress: ({ claim }) => jsonCell(claim?.progress),
  attempts: ({ attempts }) => attempts,
  max_attempts: ({ maxAttempts }) => maxAttempts,
  needs: ({ needs }) => needs?.join(' '),
  open_needs: ({ openNeeds }) => openNeeds?.join(' '),
  dead_needs: ({ deadNeeds }) => deadNeeds?.join(' '),
  priority: ({ priority }) => priority,
  key: ({ key }) => key,
  tags: ({ tags }) => tags?.join(' '),
  added_at: ({ addedAt }) => addedAt,
  not_before: ({ notBefore }) => notBefore,
  retry_at: ({ retryAt }) => retryAt,
  finished_at: ({ finishedAt }) => finishedAt,
  finished_by: ({ finishedBy }) => finishedBy,
  held_since: ({ hold }) => hold?.since,
  held_by: ({ hold }) => hold?.by,
  hold_reason: ({ hold }) => hold?.reason,
  cancel_reason: ({ cancelReason }) => cancelReason,
  error: ({ error }) => error,
  lease_ms: ({ leaseMs }) => (leaseMs === null ? 'null' : leaseMs),
  backoff_first_ms: ({ backoff }) => backoff?.firstMs,
  backoff_max_ms: ({ backoff }) => backoff?.maxMs,
  payload: ({ payload }) => jsonCell(payload),
  result: ({ result }) => jsonCell(result),
}

const jsonCell = (json: Json | undefined): string | undefined => (json === undefined ? undefined : JSON.stringify(json))

/**
 * Exports tasks as CSV (RFC 4180): a header, and one row per task. A cell that a spreadsheet would evaluate as a
 * formula is prefixed with an apostrophe, and so is a cell that begins with one: removing a leading apostrophe gives
 * the original. An empty string is `""`, a missing value an empty cell.
 */
export const renderCsv = function* (state: State, query: ListQuery): Iterable<string> {
  yield `${Object.keys(columns).join(',')}\r\n`
  for (const task of selectTasks(state, query)) {
    const exported = exportedTask(state, task)
    yield `${Object.values(columns)
      .map(column => formatCell(column(exported)))
      .join(',')}\r\n`
  }
}

/** Characters that start a formula, also in full width, and white space that some spreadsheets skip before one. */
const formulaPattern = /^[=+\-@\t\r\n'＝＋－＠]/

const quotedCellPattern = /[",\r\n]|^$|^\s|\s$/

const formatCell = (cell: Cell): string => {
  if (typeof cell !== 'string') return cell === undefined ? '' : String(cell)
  const text = formulaPattern.test(cell) ? `'${cell}` : cell
  return quotedCellPattern.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
