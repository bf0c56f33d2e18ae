import {
  findTask,
  type LaneWithEntries,
  type Lane,
  type State,
  type Task,
  type Time,
  type HistoryEntry,
} from '@claimlog/domain'
import type { Digest } from './history-export.ts'
import { type Attributes, attributesOf, nanosOf, type OtlpAttribute } from './otlp-attributes.ts'
import { type Life, lifeOf } from './walk.ts'

type Status = { readonly code: number; readonly message?: string }

/** A span in OTLP/JSON: ids are hex digits, times are strings. */
export type OtlpSpan = {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: ReadonlyArray<OtlpAttribute>
  readonly events?: ReadonlyArray<{
    readonly timeUnixNano: string
    readonly name: string
    readonly attributes: ReadonlyArray<OtlpAttribute>
  }>
  readonly links?: ReadonlyArray<{
    readonly traceId: string
    readonly spanId: string
    readonly attributes: ReadonlyArray<OtlpAttribute>
  }>
  readonly status?: Status
}

const internalKind = 1
const ok: Status = { code: 1 }
const errorOf = (message: string): Status => ({ code: 2, message })

/**
 * Returns the spans of a task run: the span of the task and its children, one each for the start, every lane, and the
 * end. Their ids are derived from the workspace, the task and the `seq` of the first event, so they are the same in
 * every export.
 */
export const spansOf = (life: Life, state: State, digest: Digest): ReadonlyArray<OtlpSpan> => {
  const { workspace } = state
  const { task, first, last } = life
  const idsOf = (id: string, seq: number): { readonly traceId: string; readonly spanId: string } => ({
    traceId: digest(JSON.stringify([workspace?.id, id, seq, 'trace'])).slice(0, 32),
    spanId: digest(JSON.stringify([workspace?.id, id, seq, 'task'])).slice(0, 16),
  })
  const { traceId, spanId: rootId } = idsOf(task.id, lifeOf(task))
  const linkTo = (id: string, seq: number, why: string) => ({
    ...idsOf(id, seq),
    attributes: attributesOf({ 'claimlog.link': why, 'claimlog.task.id': id }),
  })
  const child = (part: string | number, name: string, from: Time, until: Time, attributes: Attributes) => ({
    traceId,
    spanId: digest(JSON.stringify([workspace?.id, task.id, lifeOf(task), part])).slice(0, 16),
    parentSpanId: rootId,
    ...span(name, from, until, attributes),
  })

  const links = [...new Set(task.spec.needs)].flatMap(need => {
    const needed = findTask(state, need)
    return needed === undefined ? [] : [linkTo(need, lifeOf(needed), 'needs')]
  })
  if (life.previous !== undefined) links.push(linkTo(task.id, life.previous, 'retried'))

  return [
    {
      traceId,
      spanId: rootId,
      ...span(`task ${task.kind}`, life.from, life.until, taskAttributes(task)),
      ...(links.length === 0 ? {} : { links }),
      ...withStatus(statusOfTask(task)),
    },
    child('begin', first.event, life.from, life.from, { 'claimlog.seq': first.seq, 'claimlog.by': first.by }),
    ...life.lanes.map(({ lane, innerEntries }, i) => ({
      ...child(i, lane.lane === 'running' ? 'attempt' : lane.lane, lane.from, endOf(lane, life), laneAttributes(lane)),
      ...eventsOf(innerEntries),
      ...withStatus(statusOfLane(lane)),
    })),
    child('settle', last.event, life.until, life.until, { 'claimlog.seq': last.seq, 'claimlog.by': last.by }),
  ]
}

const span = (name: string, from: Time, until: Time, attributes: Attributes) => ({
  name,
  kind: internalKind,
  startTimeUnixNano: nanosOf(from),
  endTimeUnixNano: nanosOf(until),
  attributes: attributesOf(attributes),
})

const endOf = (lane: Lane, { until }: Life): Time => lane.until ?? until

const withStatus = (status: Status | undefined) => (status === undefined ? {} : { status })

const taskAttributes = ({ id, kind, spec, status, finished }: Task): Attributes => ({
  'claimlog.task.id': id,
  'claimlog.task.kind': kind,
  'claimlog.task.status': status,
  'claimlog.task.title': spec.title,
  'claimlog.task.priority': spec.priority,
  'claimlog.task.key': spec.key,
  'claimlog.task.tags': spec.tags,
  'claimlog.reason': finished?.reason,
})

const laneAttributes = (lane: Lane): Attributes => ({
  'claimlog.worker': lane.worker,
  'claimlog.attempt': lane.attempt,
  'claimlog.token': lane.token,
  'claimlog.by': lane.by,
  'claimlog.reason': lane.reason,
  'claimlog.retry_at': lane.retryAt,
  'claimlog.end': lane.end,
  'claimlog.ended_by': lane.endedBy,
  'claimlog.end_reason': lane.endReason,
  'claimlog.taken_over_by': lane.takenOverBy,
})

const statusOfTask = ({ status, lastClaimEnd }: Task): Status | undefined => {
  if (status === 'failed') return errorOf(lastClaimEnd?.error ?? 'failed')
  return status === 'done' ? ok : undefined
}

const statusOfLane = ({ lane, end, error }: Lane): Status | undefined => {
  if (lane !== 'running') return undefined
  if (end === 'failed') return errorOf(error ?? 'failed')
  if (end === 'lapsed') return errorOf('the lease expired')
  return end === 'completed' ? ok : undefined
}

const eventsOf = (heard: LaneWithEntries['innerEntries']): Pick<OtlpSpan, 'events'> => {
  const events = heard.flatMap(({ time, cause }) =>
    typeof cause === 'string'
      ? []
      : [{ timeUnixNano: nanosOf(time), name: cause.event, attributes: attributesOf(saidBy(cause)) }],
  )
  return events.length === 0 ? {} : { events }
}

const saidBy = (event: Exclude<HistoryEntry['cause'], string>): Attributes => ({
  'claimlog.seq': event.seq,
  'claimlog.by': event.by,
  'claimlog.lease_until': event.event === 'renewed' ? (event.leaseUntil ?? 'none') : undefined,
  'claimlog.progress':
    event.event === 'renewed' && event.progress !== undefined ? JSON.stringify(event.progress) : undefined,
  'claimlog.text': event.event === 'noted' ? event.text : undefined,
})
