import {
  pluralize,
  formatDuration,
  type QueuePlace,
  timeToMs,
  toPrintable,
  displayPath,
} from '@claimlog/client/unstable-internals'
import type { StatusView } from '@claimlog/wire'
import { renderClaim } from './lease.ts'
import { dim, yellow } from './style.ts'
import { renderTable } from './table.ts'

/** An overview of the workspace: counts by kind, then the claims. */
export const renderStatus = (view: StatusView, place: QueuePlace, nowMs: number): string => {
  const ago = formatDuration(Math.max(0, nowMs - timeToMs(view.time)))
  const head = `${place._tag === 'directory' ? displayPath(place.dir) : toPrintable(place.url)}: ${pluralize(view.tasks, 'task')}, ${pluralize(view.seq, 'event')}, the last ${ago} ago\n`
  return [head, renderMove(view), renderKinds(view), renderClaims(view, nowMs)].filter(part => part !== '').join('\n')
}

const renderMove = ({ moved }: StatusView): string =>
  moved === undefined
    ? ''
    : `${yellow(toPrintable(`moved to ${moved.target} at ${moved.time} (seq ${moved.seq}): this log accepts no more events`))}\n`

const columns = ['ready', 'claimed', 'blocked', 'done', 'failed', 'cancelled'] as const

const renderKinds = ({ kinds }: StatusView): string =>
  kinds.length === 0
    ? `${dim('no tasks; claimlog add <kind> adds one')}\n`
    : renderTable(
        ['KIND', ...columns.map(column => column.toUpperCase())],
        kinds.map(counts => [toPrintable(counts.kind), ...columns.map(column => formatCount(counts, column))]),
      ) + kinds.map(renderPause).join('')

const formatCount = (counts: StatusView['kinds'][number], column: (typeof columns)[number]): string => {
  const n = counts[column]
  if (column === 'claimed' && counts.limit !== undefined) return `${n} of ${counts.limit}`
  return n === 0 ? dim('-') : String(n)
}

const renderPause = ({ kind, paused }: StatusView['kinds'][number]): string => {
  if (paused === undefined) return ''
  const { seq, reason, by } = paused
  const words = `${kind} was paused${by === undefined ? '' : ` by ${by}`} (seq ${seq})${reason === undefined ? '' : `: ${reason}`}`
  return `${yellow(toPrintable(words))}\n`
}

const renderClaims = ({ claims }: StatusView, nowMs: number): string =>
  claims.length === 0
    ? ''
    : renderTable(
        ['TASK', 'CLAIMED BY', 'TOKEN'],
        claims.map(claim => [
          toPrintable(claim.taskId),
          claim.lapsed ? yellow(renderClaim(claim, nowMs)) : renderClaim(claim, nowMs),
          String(claim.token),
        ]),
      )
