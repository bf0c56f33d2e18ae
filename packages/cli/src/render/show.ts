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
    ['waits for', formatList(view.openNeeds)],
    ['blocked by', formatDeadNeeds(view.deadNeeds)],
    ['priority', task.priority?.toString()],
    ['not before', task.notBefore],
    ['attempts', `${view.attempts} of ${view.maxAttempts}`],
    ['retry at', task.retryAt],
    ['error', formatText(task.error)],
    ['cancelled', formatText(view.cancelReason)],
    [
      'lease',
      task.leaseMs === undefined ? undefined : task.leaseMs === null ? 'no expiry' : formatDuration(task.leaseMs),
    ],
    ['key', formatText(task.key)],
    ['tags', formatList(task.tags)],
    ['payload', formatJson(task.payload)],
    ['progress', formatJson(claim?.progress)],
    ['result', formatJson(task.result)],
    ['added', view.addedAt],
    [
      'finished',
      view.finishedAt && `${view.finishedAt}${view.finishedBy ? ` by ${toPrintable(view.finishedBy)}` : ''}`,
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
