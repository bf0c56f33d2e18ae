import {
  failureMessage,
  formatDuration,
  toPrintable,
  toPrintableJson,
  type WorkerEvent,
} from '@claimlog/client/unstable-internals'
import { shortened } from '../../render/text.ts'
import { messageColours } from '../../render/style.ts'
import type { WorkEvent } from '@claimlog/wire'

const { dim, green, red, yellow } = messageColours

/** An event of a worker as one line of JSON. */
export const eventLine = (event: WorkerEvent, time: string): string =>
  `${toPrintable(JSON.stringify(workEvent(event, time)))}\n`

const workEvent = (event: WorkerEvent, time: string): WorkEvent => {
  switch (event.event) {
    case 'claimed':
      return {
        time,
        event: event.event,
        ...claimFields(event),
        attempt: event.claim.attempt,
        lease_until: event.claim.lease_until,
      }
    case 'progressed': {
      const { worker, token, progress } = event.claim
      return { time, event: event.event, task_id: event.taskId, worker, token, progress }
    }
    case 'completed':
      return { time, event: event.event, ...claimFields(event), result: event.task.result, took_ms: event.tookMs }
    case 'failed': {
      const { status, error, retry_at: retryAt } = event.task
      return {
        time,
        event: event.event,
        ...claimFields(event),
        status,
        error,
        retry_at: retryAt,
        took_ms: event.tookMs,
      }
    }
    case 'released':
      return { time, event: event.event, ...claimFields(event), took_ms: event.tookMs }
    case 'lost': {
      const { worker, token } = event.claim
      return { time, event: event.event, task_id: event.taskId, worker, token, why: event.why, took_ms: event.tookMs }
    }
    case 'delayed': {
      const { error, message } = failureMessage(event.failure)
      return { time, event: event.event, task_id: event.taskId, error, message }
    }
  }
}

const claimFields = ({ task, claim }: Pick<Extract<WorkerEvent, { event: 'claimed' }>, 'task' | 'claim'>) => ({
  task_id: task.id,
  kind: task.kind,
  worker: claim.worker,
  token: claim.token,
})

/** An event of a worker as text: the event, the task and details. */
export const eventWords = (event: WorkerEvent): string => {
  switch (event.event) {
    case 'claimed': {
      const { attempt } = event.claim
      return said('claimed', event.task.id, attempt > 1 ? dim(`attempt ${attempt}`) : '')
    }
    case 'progressed':
      return said('progress', event.taskId, shortened(toPrintableJson(event.claim.progress)))
    case 'completed':
      return said(green('completed'), event.task.id, dim(`in ${formatDuration(event.tookMs)}`))
    case 'failed': {
      const { status, error = '' } = event.task
      const after = `after ${formatDuration(event.tookMs)}${status === 'failed' ? ', for good' : ''}`
      return said(red('failed'), event.task.id, `${dim(after)}: ${shortened(toPrintable(error))}`)
    }
    case 'released':
      return said(yellow('released'), event.task.id, dim(`after ${formatDuration(event.tookMs)}`))
    case 'lost':
      return said(
        yellow('lost'),
        event.taskId,
        `${dim(`after ${formatDuration(event.tookMs)}`)}: ${toPrintable(event.why)}`,
      )
    case 'delayed':
      return said(
        yellow('delayed'),
        event.taskId ?? '',
        `${toPrintable(failureMessage(event.failure).message)}; trying again`,
      )
  }
}

const widestWord = 'completed'.length

const said = (what: string, taskId: string, more: string): string => {
  const plain = what.replace(/\u001b\[\d+m/g, '')
  return `${what}${' '.repeat(widestWord - plain.length)}  ${toPrintable(taskId)}${more === '' ? '' : `  ${more}`}`
}
