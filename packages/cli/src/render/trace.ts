import {
  formatDuration,
  pluralize,
  timeToMs,
  toPrintable,
  toPrintableJson,
  toWireName,
} from '@claimlog/client/unstable-internals'
import { opaqueFields, toDocument, type TraceStepView, type TraceView } from '@claimlog/wire'
import { renderLanes } from './lanes.ts'
import { ellipsize } from './text.ts'
import { bold, colourStatus, dim, yellow } from './style.ts'

/** One task's history: its lanes as a chart, then its events with the times between them, then the total times. */
export const renderTrace = (view: TraceView): string => {
  const head = `${bold(toPrintable(view.taskId))}  ${toPrintable(view.kind)}  ${colourStatus(view.status)}\n`
  return [head, renderLanes(view.lanes), renderHistory(view.steps), renderSummary(view)].join('\n')
}

const renderHistory = (steps: ReadonlyArray<TraceStepView>): string => {
  const lines: Array<string> = []
  let day = ''
  let elapsedMs = 0
  for (const step of steps) {
    elapsedMs += step.afterMs ?? 0
    if (step.event !== 'noted') {
      if (elapsedMs > 0 && step.phase !== undefined && step.phase !== 'finished')
        lines.push(dim(`${indent}${pastPhaseNames[step.phase]} ${formatDuration(elapsedMs)}`))
      elapsedMs = 0
    }
    const date = step.time.slice(0, 10)
    if (date !== day) lines.push(...(day === '' ? [] : ['']), dim(`  ${date} UTC`))
    day = date
    lines.push(
      `  ${step.time.slice(11, 23)}  ${describeStep(step)}${step.seq === undefined ? '' : dim(`  (seq ${step.seq})`)}`,
    )
    if (step.stack !== undefined) lines.push(...renderStack(step.stack))
  }
  return lines.map(line => `${line}\n`).join('')
}

const indent = ' '.repeat(16)

const stackLinesMax = 4

/** The first lines of a stack. */
const renderStack = (stack: string): ReadonlyArray<string> => {
  const lines = stack.split('\n')
  const hidden = lines.length - stackLinesMax
  const shown = lines.slice(0, stackLinesMax).map(line => `${indent}${toPrintable(line)}`)
  return (hidden <= 0 ? shown : [...shown, `${indent}… ${pluralize(hidden, 'more line')} (--json)`]).map(dim)
}

const pastPhaseNames = { waiting: 'waited', running: 'ran', retrying: 'waited', held: 'was on hold' } as const

const describeStep = (step: TraceStepView): string => {
  const worker = toPrintable(step.worker ?? 'a worker')
  const author = step.by === undefined ? '' : ` by ${toPrintable(step.by)}`
  const reasonText = step.reason === undefined ? '' : `: ${toPrintable(step.reason)}`
  switch (step.event) {
    case 'claimed':
      return `claimed by ${bold(worker)}, attempt ${step.attempt}, ${formatLease(step)}`
    case 'renewed':
      return `renewed by ${worker}, ${formatLease(step)}${step.progress === undefined ? '' : `, at ${formatJson(step.progress)}`}`
    case 'lapsed':
      return yellow('the lease expired')
    case 'completed':
      return `completed by ${bold(worker)}${step.result === undefined ? '' : ` with ${formatJson(step.result)}`}`
    case 'failed':
      return `failed by ${bold(worker)}: ${toPrintable(step.error ?? '')}; ${
        step.retryAt === null || step.retryAt === undefined
          ? 'no further attempt'
          : `again at ${step.retryAt.slice(11, 19)}`
      }`
    case 'released':
      return `released by ${worker}${reasonText}`
    case 'held':
      return `put on hold${author}${reasonText}`
    case 'unheld':
      return `hold removed${author}${reasonText}`
    case 'amended':
      return `amended${author}: ${formatChanges(step)}`
    case 'noted':
      return `noted${author}: ${toPrintable(step.text ?? '')}`
    case 'opened':
    case 'added':
    case 'cancelled':
    case 'retried':
    case 'paused':
    case 'resumed':
    case 'limited':
    case 'repaired':
    case 'moved':
      return `${step.event}${author}${reasonText}`
  }
}

const formatLease = ({ time, leaseUntil: until }: TraceStepView): string =>
  until === null || until === undefined ? 'without expiry' : `for ${formatDuration(timeToMs(until) - timeToMs(time))}`

const formatChanges = ({ changes = {} }: TraceStepView): string =>
  Object.entries(changes)
    .map(([field, value]) => `${toPrintable(toWireName(field))} ${formatValue(field, value)}`)
    .join(', ')

const formatValue = (field: string, value: unknown): string =>
  typeof value === 'string' ? toPrintable(value) : formatJson(opaqueFields.has(field) ? value : toDocument(value))

const formatJson = (value: unknown): string => ellipsize(toPrintableJson(value))

const renderSummary = ({
  waitedMs: waited,
  ranMs: ran,
  retryingMs: retrying,
  heldMs: held,
  phase,
}: TraceView): string => {
  const parts = [`waited ${formatDuration(waited)}`, `ran ${formatDuration(ran)}`]
  if (retrying > 0) parts.push(`waited for a retry ${formatDuration(retrying)}`)
  if (held > 0) parts.push(`was on hold ${formatDuration(held)}`)
  return `${dim(`  ${parts.join(', ')}${phase === 'finished' ? '' : `; ${currentPhaseNames[phase]}`}`)}\n`
}

const currentPhaseNames = {
  waiting: 'waiting now',
  running: 'running now',
  retrying: 'waiting for a retry now',
  held: 'on hold now',
} as const
