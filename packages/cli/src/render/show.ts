import { formatDuration, toPrintable, toPrintableJson } from '@claimlog/client/unstable-internals'
import type { ShowView } from '@claimlog/wire'
import { asideWords, shortList } from './text.ts'
import { renderClaim } from './lease.ts'
import { colouredStatus } from './style.ts'
import { renderFields } from './table.ts'

/** One task, one line per field. */
export const renderShow = (view: ShowView, nowMs: number): string => {
  const { task, claim } = view
  const { hold } = task
  return renderFields([
    ['task', toPrintable(task.id)],
    ['kind', toPrintable(task.kind)],
    ['status', colouredStatus(task.status)],
    ['title', text(task.title)],
    ['claim', claim && `${renderClaim(claim, nowMs)}, token ${claim.token}`],
    ['on hold', hold && asideWords(hold)],
    ['depends on', list(task.needs)],
    ['waits for', list(view.open_needs)],
    ['blocked by', deadList(view.dead_needs)],
    ['priority', task.priority?.toString()],
    ['not before', task.not_before],
    ['attempts', `${view.attempts} of ${view.max_attempts}`],
    ['retry at', task.retry_at],
    ['error', text(task.error)],
    ['cancelled', text(view.cancel_reason)],
    [
      'lease',
      task.lease_ms === undefined ? undefined : task.lease_ms === null ? 'no expiry' : formatDuration(task.lease_ms),
    ],
    ['key', text(task.key)],
    ['tags', list(task.tags)],
    ['payload', json(task.payload)],
    ['progress', json(claim?.progress)],
    ['result', json(task.result)],
    ['added', view.added_at],
    [
      'finished',
      view.finished_at && `${view.finished_at}${view.finished_by ? ` by ${toPrintable(view.finished_by)}` : ''}`,
    ],
  ])
}

const text = (value: string | undefined): string | undefined => (value === undefined ? undefined : toPrintable(value))

const list = (values: ReadonlyArray<string> | undefined): string | undefined =>
  values === undefined || values.length === 0 ? undefined : shortList(values.map(toPrintable))

const deadList = (needs: ReadonlyArray<string> | undefined): string | undefined => {
  const listed = list(needs)
  return listed === undefined ? undefined : `${listed} (failed or cancelled)`
}

const json = (value: unknown): string | undefined => (value === undefined ? undefined : toPrintableJson(value))
