import { msOf, type TraceStep, type TraceView } from '@claimlog/domain'
import { formatDuration } from '../duration.ts'
import { printable } from '../output.ts'
import { bold, colouredStatus, dim, yellow } from './style.ts'

/** One task's history as a story: what happened when, and between the steps how long it waited or ran. */
export const renderTrace = (view: TraceView): string => {
  const lines = [`${bold(printable(view.task_id))}  ${printable(view.kind)}  ${colouredStatus(view.status)}`]
  let day = ''
  for (const step of view.steps) {
    if (step.after_ms !== undefined && step.after_ms > 0 && step.phase !== 'finished' && step.event !== 'noted')
      lines.push(dim(`${indent}${phaseWords[step.phase ?? 'waiting']} ${formatDuration(step.after_ms)}`))
    const date = step.time.slice(0, 10)
    if (date !== day) lines.push('', dim(`  ${date} UTC`))
    day = date
    lines.push(
      `  ${step.time.slice(11, 23)}  ${sentence(step)}${step.seq === undefined ? '' : dim(`  (seq ${step.seq})`)}`,
    )
  }
  return `${lines.join('\n')}\n\n${summary(view)}\n`
}

const indent = ' '.repeat(16)

const phaseWords = { waiting: 'waited', running: 'ran', held: 'was held', finished: 'was finished' } as const

const sentence = (step: TraceStep): string => {
  const worker = printable(step.worker ?? 'somebody')
  const by = step.by === undefined ? '' : ` by ${printable(step.by)}`
  const why = step.reason === undefined ? '' : `: ${printable(step.reason)}`
  switch (step.event) {
    case 'claimed':
      return `claimed by ${bold(worker)}, attempt ${step.attempt}, ${leaseWords(step)}`
    case 'renewed':
      return `renewed by ${worker}, ${leaseWords(step)}${step.progress === undefined ? '' : `, at ${json(step.progress)}`}`
    case 'lapsed':
      return yellow('the lease ended')
    case 'completed':
      return `completed by ${bold(worker)}${step.result === undefined ? '' : ` with ${json(step.result)}`}`
    case 'failed':
      return `failed by ${bold(worker)}: ${printable(step.error ?? '')}; ${
        step.retry_at === null || step.retry_at === undefined
          ? 'no further attempt'
          : `again at ${step.retry_at.slice(11, 19)}`
      }`
    case 'released':
      return `released by ${worker}${why}`
    case 'held':
      return `put aside${by}${why}`
    case 'unheld':
      return `put back${by}${why}`
    case 'noted':
      return `noted${by}: ${printable(step.text ?? '')}`
    case 'opened':
    case 'added':
    case 'cancelled':
    case 'retried':
    case 'amended':
    case 'paused':
    case 'resumed':
    case 'limited':
      return `${step.event}${by}${why}`
  }
}

const leaseWords = ({ time, lease_until: until }: TraceStep): string =>
  until === null || until === undefined ? 'without an end' : `for ${formatDuration(msOf(until) - msOf(time))}`

const json = (value: unknown): string => printable(JSON.stringify(value))

const summary = ({ waited_ms: waited, ran_ms: ran, held_ms: held, phase }: TraceView): string => {
  const parts = [`waited ${formatDuration(waited)}`, `ran ${formatDuration(ran)}`]
  if (held > 0) parts.push(`was held ${formatDuration(held)}`)
  return dim(`  ${parts.join(', ')}${phase === 'finished' ? '' : `; ${nowWords[phase]}`}`)
}

const nowWords = { waiting: 'waits now', running: 'runs now', held: 'is held now' } as const
