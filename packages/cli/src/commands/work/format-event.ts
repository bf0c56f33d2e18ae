import {
  failureMessage,
  formatDuration,
  toPrintable,
  toPrintableJson,
  type WorkerEvent,
} from '@claimlog/client/unstable-internals'
import { jsonLine } from '../../output/output.ts'
import { ellipsize } from '../../render/text.ts'
import { stderrColours } from '../../render/style.ts'
import type { WorkEvent } from '@claimlog/wire'

const { dim, green, red, yellow } = stderrColours

/** An event of a worker as one line of JSON. */
export const formatEventJson = (event: WorkerEvent, time: string): string => jsonLine(toWorkEvent(event, time))

const toWorkEvent = (event: WorkerEvent, time: string): WorkEvent => {
  switch (event.event) {
    case 'claimed':
      return {
        time,
        event: event.event,
        ...toClaimFields(event),
        attempt: event.claim.attempt,
        leaseUntil: event.claim.leaseUntil,
      }
    case 'progressed': {
      const { worker, token, progress } = event.claim
      return { time, event: event.event, taskId: event.taskId, worker, token, progress }
    }
    case 'completed':
      return { time, event: event.event, ...toClaimFields(event), result: event.task.result, tookMs: event.tookMs }
    case 'failed': {
      const { status, error, retryAt } = event.task
      return {
        time,
        event: event.event,
        ...toClaimFields(event),
        status,
        error,
        retryAt,
        tookMs: event.tookMs,
      }
    }
    case 'released':
      return { time, event: event.event, ...toClaimFields(event), tookMs: event.tookMs }
    case 'lost': {
      const { worker, token } = event.claim
      return { time, event: event.event, taskId: event.taskId, worker, token, why: event.why, tookMs: event.tookMs }
    }
    case 'delayed': {
      const { error, message } = failureMessage(event.failure)
      return { time, event: event.event, taskId: event.taskId, error, message }
    }
  }
}

const toClaimFields = ({ task, claim }: Pick<Extract<WorkerEvent, { event: 'claimed' }>, 'task' | 'claim'>) => ({
  taskId: task.id,
  kind: task.kind,
  worker: claim.worker,
  token: claim.token,
})

/** An event of a worker as text: the event, the task and details. */
export const formatEvent = (event: WorkerEvent): string => {
  switch (event.event) {
    case 'claimed': {
      const { attempt } = event.claim
      return formatLine('claimed', event.task.id, attempt > 1 ? dim(`attempt ${attempt}`) : '')
    }
    case 'progressed':
      return formatLine('progress', event.taskId, ellipsize(toPrintableJson(event.claim.progress)))
    case 'completed':
      return formatLine(green('completed'), event.task.id, dim(`in ${formatDuration(event.tookMs)}`))
    case 'failed': {
      const { status, error = '' } = event.task
      const endText = `after ${formatDuration(event.tookMs)}${status === 'failed' ? ', for good' : ''}`
      return formatLine(red('failed'), event.task.id, `${dim(endText)}: ${ellipsize(toPrintable(error))}`)
    }
    case 'released':
      return formatLine(yellow('released'), event.task.id, dim(`after ${formatDuration(event.tookMs)}`))
    case 'lost':
      return formatLine(
        yellow('lost'),
        event.taskId,
        `${dim(`after ${formatDuration(event.tookMs)}`)}: ${toPrintable(event.why)}`,
      )
    case 'delayed':
      return formatLine(
        yellow('delayed'),
        event.taskId ?? '',
        `${toPrintable(failureMessage(event.failure).message)}; trying again`,
      )
  }
}

const labelWidth = 'completed'.length

const formatLine = (label: string, taskId: string, details: string): string => {
  const plain = label.replace(/\u001b\[\d+m/g, '')
  return `${label}${' '.repeat(labelWidth - plain.length)}  ${toPrintable(taskId)}${details === '' ? '' : `  ${details}`}`
}
