import { createRequire } from 'node:module'
import { CloudEvent } from 'cloudevents'
import { expect, test } from 'vitest'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'
import { addHostileTasks, hostileId } from './hostile-tasks.ts'
import { expectSchema } from '../support/output-schemas.ts'

/** The codec of an OTLP message that the SDK generates from the protocol's own definitions. */
type ProtobufCodec = {
  readonly fromObject: (fields: object) => object
  readonly verify: (fields: object) => string | null
  readonly encode: (message: object) => { readonly finish: () => Uint8Array }
  readonly decode: (bytes: Uint8Array) => object
  readonly toObject: (message: object, options: object) => Record<string, unknown>
}
const { ExportTraceServiceRequest } = (
  createRequire(import.meta.url)('@opentelemetry/otlp-transformer/build/src/generated/root') as {
    readonly opentelemetry: {
      readonly proto: {
        readonly collector: { readonly trace: { readonly v1: { ExportTraceServiceRequest: ProtobufCodec } } }
      }
    }
  }
).opentelemetry.proto.collector.trace.v1

const idFields = /^(traceId|spanId|parentSpanId)$/

/** Ids are bytes, which OTLP/JSON writes as hex digits, unlike all other JSON of protobuf. */
const mapIds = (json: unknown, change: (id: never) => unknown): unknown => {
  if (Array.isArray(json)) return json.map(each => mapIds(each, change))
  if (typeof json !== 'object' || json === null) return json
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [
      key,
      idFields.test(key) ? change(value as never) : mapIds(value, change),
    ]),
  )
}

/** The request after encoding and decoding: fields that the protocol does not know are missing. */
const roundTrip = (request: object): unknown => {
  const fields = mapIds(request, (hex: string) => Buffer.from(hex, 'hex')) as object
  const message = ExportTraceServiceRequest.fromObject(fields)
  expect(ExportTraceServiceRequest.verify(message)).toBe(null)
  const received = ExportTraceServiceRequest.decode(ExportTraceServiceRequest.encode(message).finish())
  return mapIds(ExportTraceServiceRequest.toObject(received, { longs: String }), (bytes: Uint8Array) =>
    Buffer.from(bytes).toString('hex'),
  )
}

type Span = {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: ReadonlyArray<{ readonly key: string; readonly value: Record<string, unknown> }>
  readonly events?: ReadonlyArray<{ readonly name: string; readonly attributes: Span['attributes'] }>
  readonly links?: ReadonlyArray<{ readonly traceId: string; readonly spanId: string }>
  readonly status?: { readonly code: number; readonly message?: string }
}

const runExport = (workspace: CliWorkspace, ...words: ReadonlyArray<string>) => workspace.run(['export', ...words])

const parseLines = (text: string): ReadonlyArray<Record<string, unknown>> =>
  text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, unknown>)

const parseSpans = (text: string): ReadonlyArray<Span> =>
  parseLines(text).flatMap(
    request =>
      (
        request['resourceSpans'] as ReadonlyArray<{
          readonly scopeSpans: ReadonlyArray<{ readonly spans: Array<Span> }>
        }>
      )[0]?.scopeSpans[0]?.spans ?? [],
  )

const readAttributes = ({ attributes }: Pick<Span, 'attributes'>): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

const nanos = (time: unknown): string => `${Date.parse(String(time))}000000`

test('the SDK decodes every field of OTLP, and a later export begins with the same spans', async () => {
  const workspace = await newWorkspace()
  await addHostileTasks(workspace)
  const { status, stdout, stderr } = await runExport(workspace, 'otlp')
  const open = workspace.readEvents().filter(({ event }) => event === 'added').length - 3
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: `claimlog: ${open} tasks are not finished yet and are left out, as their history may still change\n`,
  })
  for (const request of parseLines(stdout)) expect(roundTrip(request)).toEqual(request)

  await workspace.runOk(['claim', 'late', '--task', hostileId(9)])
  await workspace.runOk(['complete', 'late', hostileId(9)])
  const later = parseSpans((await runExport(workspace, 'otlp')).stdout)
  expect(later.slice(0, parseSpans(stdout).length)).toEqual(parseSpans(stdout))
  expect((await runExport(workspace, 'otlp')).stdout).toBe((await runExport(workspace, 'otlp')).stdout)
})

test('a task is a trace: a span for its addition, its waits and each attempt with its events, and its end; a retry of a finished task is another trace', async () => {
  const workspace = await newWorkspace()
  const runOk = (...words: ReadonlyArray<string>) => workspace.runOk(words)
  await runOk('add', 'docs', 'outline')
  await runOk('add', 'docs', 'draft', '--title', 'Draft', '--needs', 'outline', '--tag', 'q3')
  await runOk('claim', 'ann', '--task', 'outline')
  await runOk('complete', 'ann', 'outline')
  await runOk('claim', 'ann', '--task', 'draft')
  await runOk('renew', 'ann', 'draft', '--progress', '{"pages": 3}', '--lease', '1h')
  await runOk('fail', 'ann', 'draft', '--error', 'no ink', '--retry-in', '0')
  await runOk('claim', 'bob', '--task', 'draft', '--lease', '1ms')
  await runOk('claim', 'cy', '--task', 'draft', '--lease', 'none')
  await runOk('note', 'draft', 'half way', '--by', 'eve')
  await runOk('complete', 'cy', 'draft')
  await runOk('retry', 'outline', '--by', 'eve')
  await runOk('cancel', 'outline', '--by', 'eve', '--reason', 'not again')

  const { stdout, stderr } = await runExport(workspace, 'otlp')
  expect(stderr).toBe('')
  const spans = parseSpans(stdout)
  const eventTime = (seq: number): unknown => workspace.readEvents()[seq - 1]?.time
  expect(spans.map(({ name }) => name)).toEqual([
    ...['task docs', 'added', 'waiting', 'attempt', 'completed'],
    ...['task docs', 'added', 'waiting', 'attempt', 'retrying', 'attempt', 'retrying', 'attempt', 'completed'],
    ...['task docs', 'retried', 'waiting', 'cancelled'],
  ])
  const [outline, draft, again] = spans.filter(({ parentSpanId }) => parentSpanId === undefined) as [Span, Span, Span]
  expect(new Set([outline, draft, again].map(({ traceId }) => traceId)).size).toBe(3)
  expect(draft).toMatchObject({
    startTimeUnixNano: nanos(eventTime(3)),
    endTimeUnixNano: nanos(eventTime(12)),
    status: { code: 1 },
  })
  expect(readAttributes(draft)).toMatchObject({ 'claimlog.task.id': 'draft', 'claimlog.task.title': 'Draft' })
  expect(draft.links).toMatchObject([{ traceId: outline.traceId, spanId: outline.spanId }])
  expect(again.links).toMatchObject([{ traceId: outline.traceId, spanId: outline.spanId }])

  const [first, second, third] = spans.filter(({ name, traceId }) => name === 'attempt' && traceId === draft.traceId)
  const failed = first as Span
  expect(failed).toMatchObject({ startTimeUnixNano: nanos(eventTime(6)), endTimeUnixNano: nanos(eventTime(8)) })
  expect(failed.status).toEqual({ code: 2, message: 'no ink' })
  expect(failed.events?.map(event => [event.name, readAttributes(event)['claimlog.progress']])).toEqual([
    ['renewed', '{"pages":3}'],
  ])
  expect(second?.status).toEqual({ code: 2, message: 'the lease expired' })
  expect(third?.events?.map(event => [event.name, readAttributes(event)])).toEqual([
    ['noted', { 'claimlog.seq': '11', 'claimlog.by': 'eve', 'claimlog.text': 'half way' }],
  ])
})

type ChromeTraceEvent = {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  readonly ts: number
  readonly dur?: number
  readonly id?: string
  readonly args?: Record<string, unknown>
}

test('a Chrome trace has a line for each worker and claim that overlap, and each start has its end', async () => {
  const workspace = await newWorkspace()
  await addHostileTasks(workspace)
  await workspace.runOk(['complete', '=ann', hostileId(15)])
  const { stdout } = await runExport(workspace, 'chrome-trace')
  const { traceEvents, displayTimeUnit } = JSON.parse(stdout) as {
    readonly traceEvents: ReadonlyArray<ChromeTraceEvent>
    readonly displayTimeUnit: string
  }
  expect(displayTimeUnit).toBe('ms')
  const threadNames = traceEvents.filter(({ ph }) => ph === 'M').map(({ pid, tid, args }) => [pid, tid, args?.['name']])
  expect(threadNames.slice(0, 2)).toEqual([
    [1, 0, 'workers'],
    [2, 0, 'tasks'],
  ])
  for (const { tid, ph, args } of traceEvents)
    if (ph === 'X')
      expect(threadNames.find(([pid, threadId]) => pid === 1 && threadId === tid)?.[2]).toContain(args?.['worker'])

  const open = new Map<string, Array<string>>()
  for (const { ph, id = '', name } of traceEvents) {
    const names = open.get(id) ?? []
    open.set(id, names)
    if (ph === 'b') names.push(name)
    if (ph === 'e') expect(names.pop()).toBe(name)
  }
  expect([...open.values()].flat()).toEqual([])
  const attempts = traceEvents.filter(({ ph }) => ph === 'X')
  expect(attempts.every(({ ts, dur = -1 }) => Number.isSafeInteger(ts) && dur >= 0)).toBe(true)
  expect(attempts.map(({ name, args }) => [name, args?.['worker'], args?.['end']])).toEqual([
    [hostileId(0), '=ann', 'completed'],
    [hostileId(3), '=ann', 'failed'],
    [hostileId(5), '=ann', 'cancelled'],
    [hostileId(6), '=ann', 'failed'],
    [hostileId(6), 'b"o]b', 'lapsed'],
    [hostileId(6), '=ann', 'completed'],
    [hostileId(15), '=ann', 'completed'],
  ])
  expect((await runExport(workspace, 'chrome-trace')).stdout).toBe(stdout)
})

test('every event of the log is a CloudEvent that contains it, in the order of the log', async () => {
  const workspace = await newWorkspace()
  await addHostileTasks(workspace)
  const { status, stdout, stderr } = await runExport(workspace, 'cloudevents')
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const events = workspace.readEvents()
  const id = String(events[0]?.['workspace'])
  const cloudEvents = parseLines(stdout).map(line => {
    const received = new CloudEvent(line, true)
    expectSchema('event', received.data)
    return received.toJSON()
  })
  expect(cloudEvents).toEqual(
    events.map(event => {
      const kind = ['paused', 'resumed', 'limited'].includes(event.event)
      const noun = event.event === 'opened' ? 'workspace' : kind ? 'kind' : 'task'
      const subject = noun === 'workspace' ? {} : { subject: kind ? event['kind'] : event['task_id'] }
      return {
        specversion: '1.0',
        id: `${id}/${event.seq}`,
        source: `/claimlog/${id}`,
        type: `claimlog.${noun}.${event.event}`,
        ...subject,
        time: event.time,
        sequence: String(event.seq).padStart(16, '0'),
        datacontenttype: 'application/json',
        data: event,
      }
    }),
  )
  expect([...cloudEvents].map(({ sequence }) => String(sequence)).sort()).toEqual(
    cloudEvents.map(({ sequence }) => sequence),
  )
})

test('the log is exported byte for byte', async () => {
  const workspace = await newWorkspace()
  await addHostileTasks(workspace)
  expect(await runExport(workspace, 'log')).toEqual({
    status: 0,
    stdout: workspace.readText('events.jsonl'),
    stderr: '',
  })
})
