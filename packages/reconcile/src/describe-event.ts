import type { TaskEvent } from '@claimlog/domain'

/** Longer texts are truncated: the other copy has the full text. */
const textLengthMax = 500

/** Describes an event of another copy, for a note in this log. */
export const describeEvent = (event: TaskEvent): string =>
  `in another copy of this log, seq ${event.seq}, ${event.time}: ${describeChange(event)}`

const describeChange = (event: TaskEvent): string => {
  const by = event.by === undefined ? '' : ` by ${event.by}`
  switch (event.event) {
    case 'added':
      return `added${by} as a different task: ${formatJson({ kind: event.kind, title: event.title, payload: event.payload })}`
    case 'claimed':
      return `claimed by ${event.worker} under token ${event.seq}, may still be running`
    case 'completed':
      return `completed by ${event.worker} under token ${event.token}${event.result === undefined ? '' : `, result ${formatJson(event.result)}`}`
    case 'failed':
      return `failed by ${event.worker} under token ${event.token}: ${truncate(event.error)}`
    case 'held':
    case 'cancelled':
    case 'retried':
      return `${event.event}${by}${event.reason === undefined ? '' : `: ${truncate(event.reason)}`}`
    case 'amended': {
      const { kind, title, payload, needs, priority, notBefore, maxAttempts, backoff, leaseMs, key, tags } = event
      const fields = { kind, title, payload, needs, priority, notBefore, maxAttempts, backoff, leaseMs, key, tags }
      return `amended${by}: ${formatJson(fields)}`
    }
    case 'noted':
      return `noted${by}: ${truncate(event.text)}`
    case 'unheld':
    case 'renewed':
    case 'released':
      return `${event.event}${by}`
  }
}

const formatJson = (value: unknown): string => truncate(JSON.stringify(value))

const truncate = (text: string): string => (text.length <= textLengthMax ? text : `${text.slice(0, textLengthMax)} …`)
