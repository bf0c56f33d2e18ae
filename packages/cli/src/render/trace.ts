import { formatDuration, timeToMs, toPrintable, toPrintableJson } from '@claimlog/client/unstable-internals'
import type { TraceStepView, TraceView } from '@claimlog/wire'
import { renderLanes } from './lanes.ts'
import { shortened } from './text.ts'
import { bold, colouredStatus, dim, yellow } from './style.ts'

/** One task's history: its lanes as a chart, then its events with the times between them, then the total times. */
export const renderTrace = (view: TraceView): string => {
  const head = `${bold(toPrintable(view.task_id))}  ${toPrintable(view.kind)}  ${colouredStatus(view.status)}\n`
  return [head, renderLanes(view.lanes), story(view.steps), summary(view)].join('\n')
}

const story = (steps: ReadonlyArray<TraceStepView>): string => {
  const lines: Array<string> = []
  let day = ''
  let passedMs = 0
  for (const step of steps) {
    passedMs += step.after_ms ?? 0
    if (step.event !== 'noted') {
      if (passedMs > 0 && step.phase !== undefined && step.phase !== 'finished')
        lines.push(dim(`${indent}${phaseWords[step.phase]} ${formatDuration(passedMs)}`))
      passedMs = 0
    }
    const date = step.time.slice(0, 10)
    if (date !== day) lines.push(...(day === '' ? [] : ['']), dim(`  ${date} UTC`))
    day = date
    lines.push(
      `  ${step.time.slice(11, 23)}  ${sentence(step)}${step.seq === undefined ? '' : dim(`  (seq ${step.seq})`)}`,
    )
  }
  return lines.map(line => `${line}\n`).join('')
}

const indent = ' '.repeat(16)

const phaseWords = { waiting: 'waited', running: 'ran', retrying: 'waited', held: 'was on hold' } as const

const sentence = (step: TraceStepView): string => {
  const worker = toPrintable(step.worker ?? 'a worker')
  const by = step.by === undefined ? '' : ` by ${toPrintable(step.by)}`
  const why = step.reason === undefined ? '' : `: ${toPrintable(step.reason)}`
  switch (step.event) {
    case 'claimed':
      return `claimed by ${bold(worker)}, attempt ${step.attempt}, ${leaseWords(step)}`
    case 'renewed':
      return `renewed by ${worker}, ${leaseWords(step)}${step.progress === undefined ? '' : `, at ${json(step.progress)}`}`
    case 'lapsed':
      return yellow('the lease expired')
    case 'completed':
      return `completed by ${bold(worker)}${step.result === undefined ? '' : ` with ${json(step.result)}`}`
    case 'failed':
      return `failed by ${bold(worker)}: ${toPrintable(step.error ?? '')}; ${
        step.retry_at === null || step.retry_at === undefined
          ? 'no further attempt'
          : `again at ${step.retry_at.slice(11, 19)}`
      }`
    case 'released':
      return `released by ${worker}${why}`
    case 'held':
      return `put on hold${by}${why}`
    case 'unheld':
      return `hold removed${by}${why}`
    case 'amended':
      return `amended${by}: ${formatChanges(step)}`
    case 'noted':
      return `noted${by}: ${toPrintable(step.text ?? '')}`
    case 'opened':
    case 'added':
    case 'cancelled':
    case 'retried':
    case 'paused':
    case 'resumed':
    case 'limited':
    case 'repaired':
      return `${step.event}${by}${why}`
  }
}

const leaseWords = ({ time, lease_until: until }: TraceStepView): string =>
  until === null || until === undefined ? 'without expiry' : `for ${formatDuration(timeToMs(until) - timeToMs(time))}`

const formatChanges = ({ changes = {} }: TraceStepView): string =>
  Object.entries(changes)
    .map(([field, value]) => `${toPrintable(field)} ${typeof value === 'string' ? toPrintable(value) : json(value)}`)
    .join(', ')

const json = (value: unknown): string => shortened(toPrintableJson(value))

const summary = ({
  waited_ms: waited,
  ran_ms: ran,
  retrying_ms: retrying,
  held_ms: held,
  phase,
}: TraceView): string => {
  const parts = [`waited ${formatDuration(waited)}`, `ran ${formatDuration(ran)}`]
  if (retrying > 0) parts.push(`waited for a retry ${formatDuration(retrying)}`)
  if (held > 0) parts.push(`was on hold ${formatDuration(held)}`)
  return `${dim(`  ${parts.join(', ')}${phase === 'finished' ? '' : `; ${nowWords[phase]}`}`)}\n`
}

const nowWords = {
  waiting: 'waiting now',
  running: 'running now',
  retrying: 'waiting for a retry now',
  held: 'on hold now',
} as const
