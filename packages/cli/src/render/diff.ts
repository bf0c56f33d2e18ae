import { pluralize, toPrintable, toPrintableJson, toWireName } from '@claimlog/client/unstable-internals'
import {
  type ClaimView,
  type DiffView,
  type FieldChange,
  type RulesView,
  opaqueFields,
  toDocument,
} from '@claimlog/wire'
import { formatHold, ellipsize } from './text.ts'
import { bold, dim, green, yellow } from './style.ts'

/** The changes between two points in time: one paragraph per task or kind, one line per changed field. */
export const renderDiff = ({ from, to, tasks, kinds }: DiffView): string => {
  const head = `seq ${from.seq} (${from.time}) → seq ${to.seq} (${to.time}): ${pluralize(to.seq - from.seq, 'event')}\n`
  if (tasks.length + kinds.length === 0) return `${head}\n${dim('  no changes')}\n`
  return [
    head,
    ...tasks.map(({ id, kind, added, changes }) =>
      renderChanges(
        `${added ? green('+') : yellow('~')} ${bold(toPrintable(id))}  ${toPrintable(kind)}`,
        changes,
        added,
      ),
    ),
    ...kinds.map(({ kind, changes }) =>
      renderChanges(`${yellow('~')} kind ${bold(toPrintable(kind))}`, changes, false),
    ),
  ].join('\n')
}

const renderChanges = (title: string, changes: ReadonlyArray<FieldChange>, added: boolean): string => {
  const shownChanges = changes.filter(
    ({ field, to }) => !(added && (field === 'kind' || (field === 'attempts' && to === 0))),
  )
  const width = Math.max(0, ...shownChanges.map(({ field }) => toWireName(field).length))
  const lines = shownChanges.map(({ field, from, to }) => {
    const change = added ? formatValue(field, to) : `${formatValue(field, from)} → ${formatValue(field, to)}`
    return `    ${toPrintable(toWireName(field)).padEnd(width)}  ${change}\n`
  })
  return `${title}\n${lines.join('')}`
}

/** A value on one line; for a claim its holder and lease, for a pause or a hold its author and reason. */
const formatValue = (field: string, json: FieldChange['from']): string => {
  if (json === undefined) return dim('-')
  if (typeof json === 'string') return ellipsize(toPrintable(json))
  if (field === 'claim') return toPrintable(formatClaim(json as ClaimView))
  if (field === 'hold' || field === 'paused') return formatHold(json as NonNullable<RulesView['paused']>)
  return ellipsize(toPrintableJson(opaqueFields.has(field) ? json : toDocument(json)))
}

const formatClaim = ({ worker, token, leaseUntil: until, progress }: ClaimView): string =>
  `${worker}, token ${token}, ${until === null ? 'no expiry' : `until ${until}`}` +
  (progress === undefined ? '' : `, at ${JSON.stringify(progress)}`)
