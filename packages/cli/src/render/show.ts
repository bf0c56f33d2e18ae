import { formatDuration, toPrintable, toPrintableJson } from '@claimlog/client/unstable-internals'
import type { ShowView } from '@claimlog/wire'
import { formatHold, joinNames } from './text.ts'
import { renderClaim } from './lease.ts'
import { colourStatus } from './style.ts'
import { renderFields } from './table.ts'

/** One task, one line per field. */
export const renderShow = (view: ShowView, nowMs: number): string => {
  const { task, claim } = view
  const { hold } = task
  return renderFields([
    ['task', toPrintable(task.id)],
    ['kind', toPrintable(task.kind)],
    ['status', colourStatus(task.status)],
    ['title', formatText(task.title)],
    ['claim', claim && `${renderClaim(claim, nowMs)}, token ${claim.token}`],
    ['on hold', hold && formatHold(hold)],
    ['depends on', formatList(task.needs)],
    ['waits for', formatList(view.open_needs)],
    ['blocked by', formatDeadNeeds(view.dead_needs)],
    ['priority', task.priority?.toString()],
    ['not before', task.not_before],
    ['attempts', `${view.attempts} of ${view.max_attempts}`],
    ['retry at', task.retry_at],
    ['error', formatText(task.error)],
    ['cancelled', formatText(view.cancel_reason)],
    [
      'lease',
      task.lease_ms === undefined ? undefined : task.lease_ms === null ? 'no expiry' : formatDuration(task.lease_ms),
    ],
    ['key', formatText(task.key)],
    ['tags', formatList(task.tags)],
    ['payload', formatJson(task.payload)],
    ['progress', formatJson(claim?.progress)],
    ['result', formatJson(task.result)],
    ['added', view.added_at],
    [
      'finished',
      view.finished_at && `${view.finished_at}${view.finished_by ? ` by ${toPrintable(view.finished_by)}` : ''}`,
    ],
  ])
}

const formatText = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : toPrintable(value)

const formatList = (values: ReadonlyArray<string> | undefined): string | undefined =>
  values === undefined || values.length === 0 ? undefined : joinNames(values.map(toPrintable))

const formatDeadNeeds = (needs: ReadonlyArray<string> | undefined): string | undefined => {
  const names = formatList(needs)
  return names === undefined ? undefined : `${names} (failed or cancelled)`
}

const formatJson = (value: unknown): string | undefined => (value === undefined ? undefined : toPrintableJson(value))
