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
import { type Attributes, encodeAttributes, toNanos, type OtlpAttribute } from './otlp-attributes.ts'
import { type TaskRun, runStartSeq } from './history-reader.ts'

type SpanStatus = { readonly code: number; readonly message?: string }

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
  readonly status?: SpanStatus
}

const internalKind = 1
const okStatus: SpanStatus = { code: 1 }
const errorStatus = (message: string): SpanStatus => ({ code: 2, message })

/**
 * Returns the spans of a task run: the span of the task and its children, one each for the start, every lane, and the
 * end. Their ids are derived from the workspace, the task and the `seq` of the first event, so they are the same in
 * every export.
 */
export const runSpans = (run: TaskRun, state: State, digest: Digest): ReadonlyArray<OtlpSpan> => {
  const { workspace } = state
  const { task, first, last } = run
  const spanIds = (id: string, seq: number): { readonly traceId: string; readonly spanId: string } => ({
    traceId: digest(JSON.stringify([workspace?.id, id, seq, 'trace'])).slice(0, 32),
    spanId: digest(JSON.stringify([workspace?.id, id, seq, 'task'])).slice(0, 16),
  })
  const { traceId, spanId: rootId } = spanIds(task.id, runStartSeq(task))
  const spanLink = (id: string, seq: number, reason: string) => ({
    ...spanIds(id, seq),
    attributes: encodeAttributes({ 'claimlog.link': reason, 'claimlog.task.id': id }),
  })
  const childSpan = (part: string | number, name: string, startTime: Time, endTime: Time, attributes: Attributes) => ({
    traceId,
    spanId: digest(JSON.stringify([workspace?.id, task.id, runStartSeq(task), part])).slice(0, 16),
    parentSpanId: rootId,
    ...span(name, startTime, endTime, attributes),
  })

  const links = [...new Set(task.spec.needs)].flatMap(need => {
    const dependency = findTask(state, need)
    return dependency === undefined ? [] : [spanLink(need, runStartSeq(dependency), 'needs')]
  })
  if (run.previous !== undefined) links.push(spanLink(task.id, run.previous, 'retried'))

  return [
    {
      traceId,
      spanId: rootId,
      ...span(`task ${task.kind}`, run.startTime, run.endTime, taskAttributes(task)),
      ...(links.length === 0 ? {} : { links }),
      ...withStatus(taskStatus(task)),
    },
    childSpan('begin', first.event, run.startTime, run.startTime, {
      'claimlog.seq': first.seq,
      'claimlog.by': first.by,
    }),
    ...run.lanes.map(({ lane, innerEntries }, i) => ({
      ...childSpan(
        i,
        lane.lane === 'running' ? 'attempt' : lane.lane,
        lane.from,
        laneEnd(lane, run),
        laneAttributes(lane),
      ),
      ...spanEvents(innerEntries),
      ...withStatus(laneStatus(lane)),
    })),
    childSpan('settle', last.event, run.endTime, run.endTime, { 'claimlog.seq': last.seq, 'claimlog.by': last.by }),
  ]
}

const span = (name: string, startTime: Time, endTime: Time, attributes: Attributes) => ({
  name,
  kind: internalKind,
  startTimeUnixNano: toNanos(startTime),
  endTimeUnixNano: toNanos(endTime),
  attributes: encodeAttributes(attributes),
})

const laneEnd = (lane: Lane, { endTime }: TaskRun): Time => lane.until ?? endTime

const withStatus = (status: SpanStatus | undefined) => (status === undefined ? {} : { status })

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

const taskStatus = ({ status, lastClaimEnd }: Task): SpanStatus | undefined => {
  if (status === 'failed') return errorStatus(lastClaimEnd?.error ?? 'failed')
  return status === 'done' ? okStatus : undefined
}

const laneStatus = ({ lane, end, error }: Lane): SpanStatus | undefined => {
  if (lane !== 'running') return undefined
  if (end === 'failed') return errorStatus(error ?? 'failed')
  if (end === 'lapsed') return errorStatus('the lease expired')
  return end === 'completed' ? okStatus : undefined
}

const spanEvents = (laneEvents: LaneWithEntries['innerEntries']): Pick<OtlpSpan, 'events'> => {
  const events = laneEvents.flatMap(({ time, cause }) =>
    typeof cause === 'string'
      ? []
      : [{ timeUnixNano: toNanos(time), name: cause.event, attributes: encodeAttributes(eventAttributes(cause)) }],
  )
  return events.length === 0 ? {} : { events }
}

const eventAttributes = (event: Exclude<HistoryEntry['cause'], string>): Attributes => ({
  'claimlog.seq': event.seq,
  'claimlog.by': event.by,
  'claimlog.lease_until': event.event === 'renewed' ? (event.leaseUntil ?? 'none') : undefined,
  'claimlog.progress':
    event.event === 'renewed' && event.progress !== undefined ? JSON.stringify(event.progress) : undefined,
  'claimlog.text': event.event === 'noted' ? event.text : undefined,
})
