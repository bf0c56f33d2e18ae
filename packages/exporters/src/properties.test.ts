import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allTasks, emptyState, encodeEvent, type Event, fold, invariantViolation } from '@claimlog/domain'
import { queueFile } from '@claimlog/queue-file'
import { anyStep, initialEvents, runSteps } from '@claimlog/domain/testing'
import { historyFormats } from './formats.ts'
import type { HistoryExport } from './history-export.ts'
import { metricsCollector } from './metrics.ts'
import type { OtlpSpan } from './otlp-spans.ts'
import { redactEvent } from './redact-event.ts'

const seed = 20_250_101
const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

const check = (numRuns: number, property: (log: ReadonlyArray<Event>) => void): void =>
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 1, maxLength: 60, size: 'max' }), steps => property(runSteps(steps))),
    { seed, numRuns },
  )

const exportText = (exporter: HistoryExport, log: ReadonlyArray<Event>): string =>
  [exporter.begin, ...log.map(event => exporter.apply(event)), exporter.end()].join('')

const exportSpans = (log: ReadonlyArray<Event>): ReadonlyArray<OtlpSpan> =>
  exportText(historyFormats.otlp(digest), log)
    .split('\n')
    .filter(line => line !== '')
    .flatMap(line => {
      const { resourceSpans } = JSON.parse(line) as {
        readonly resourceSpans: ReadonlyArray<{
          readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<OtlpSpan> }>
        }>
      }
      return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    })

type ExportedTraceEvent = {
  readonly ph: string
  readonly pid: number
  readonly tid: number
  readonly ts: number
  readonly dur: number
  readonly args: { readonly name: string; readonly worker: string }
}

const exportTrace = (log: ReadonlyArray<Event>): ReadonlyArray<ExportedTraceEvent> =>
  (
    JSON.parse(exportText(historyFormats['chrome-trace'](), log)) as {
      readonly traceEvents: ReadonlyArray<ExportedTraceEvent>
    }
  ).traceEvents

describe(`for any history (seed ${seed})`, () => {
  it('an exported span is the same in every later export, and span ids are unique', () => {
    check(300, log => {
      const all = exportSpans(log)
      expect(new Set(all.map(({ spanId }) => spanId)).size).toBe(all.length)
      const half = exportSpans(log.slice(0, Math.ceil((initialEvents.length + log.length) / 2)))
      expect(all.slice(0, half.length)).toEqual(half)
    })
  })

  it('every span and its events are within its parent, which is in the same trace', () => {
    check(300, log => {
      const spans = exportSpans(log)
      const byId = new Map(spans.map(span => [span.spanId, span]))
      const timeRange = ({ startTimeUnixNano, endTimeUnixNano }: OtlpSpan): readonly [bigint, bigint] => [
        BigInt(startTimeUnixNano),
        BigInt(endTimeUnixNano),
      ]
      for (const span of spans) {
        const [spanStart, spanEnd] = timeRange(span)
        expect(spanStart <= spanEnd).toBe(true)
        for (const { timeUnixNano } of span.events ?? [])
          expect(spanStart <= BigInt(timeUnixNano) && BigInt(timeUnixNano) <= spanEnd).toBe(true)
        const parent = byId.get(span.parentSpanId ?? span.spanId)
        expect(parent?.traceId).toBe(span.traceId)
        const [parentStart, parentEnd] = timeRange(parent ?? span)
        expect(parentStart <= spanStart && spanEnd <= parentEnd).toBe(true)
      }
    })
  })

  it('a worker track of a Chrome trace shows the attempts of one worker, and they do not overlap', () => {
    check(300, log => {
      const events = exportTrace(log)
      const names = new Map(events.filter(({ ph, pid }) => ph === 'M' && pid === 1).map(({ tid, args }) => [tid, args]))
      const ends = new Map<number, number>()
      for (const { tid, ts, dur, args } of events.filter(({ ph }) => ph === 'X').sort((a, b) => a.ts - b.ts)) {
        expect(names.get(tid)?.name.replace(/ \(\d+\)$/, '')).toBe(args.worker)
        expect(ts).toBeGreaterThanOrEqual(ends.get(tid) ?? 0)
        ends.set(tid, ts + dur)
      }
    })
  })

  it('a redacted history is valid and folds to the same queue, except for the masked values', () => {
    check(300, log => {
      let state = emptyState()
      const redacted = log.map(event => redactEvent(event, json => `hidden:${digest(json).slice(0, 24)}`))
      for (const event of redacted) {
        expect(invariantViolation(state, event)).toBe(undefined)
        state = fold(state, [event])
      }
      const mask = (value: unknown): string => `hidden:${digest(JSON.stringify(value)).slice(0, 24)}`
      const original = queueFile(fold(emptyState(), log))
      expect(queueFile(state)).toEqual({
        ...original,
        tasks: original.tasks.map(task => ({
          ...task,
          ...(task.key === undefined ? {} : { key: mask(task.key) }),
          ...(task.result === undefined ? {} : { result: mask(task.result) }),
          ...(task.error === undefined || task.error.startsWith('the lease expired')
            ? {}
            : { error: mask(task.error) }),
        })),
      })
      expect(redacted.map(event => encodeEvent(event)).join('\n')).not.toMatch(/see the log|"no"|"k"|"r\d"/)
    })
  })

  it('counters only grow, and finished tasks are counted once per finish', () => {
    check(200, log => {
      const collector = metricsCollector()
      let before = new Map<string, number>()
      for (const event of log) {
        collector.apply(event)
        const counts = new Map(
          collector
            .families(event.time, 0)
            .filter(({ type }) => type !== 'gauge')
            .flatMap(({ samples }) => samples.map(({ name, labels, value }) => [name + JSON.stringify(labels), value])),
        )
        for (const [name, value] of before) expect(counts.get(name)).toBeGreaterThanOrEqual(value)
        before = counts
      }
      const sum = (name: string): number =>
        [...before].reduce((total, [key, value]) => (key.startsWith(name) ? total + value : total), 0)
      const retried = log.filter(({ event }) => event === 'retried').length
      const finished = allTasks(collector.state()).filter(task => task.finished !== undefined).length
      expect(sum('claimlog_tasks_finished_total')).toBe(finished + retried)
      expect(sum('claimlog_task_running_seconds_count')).toBe(finished + retried)
      expect(sum('claimlog_events_total')).toBe(log.length)
      expect(sum('claimlog_claims_total')).toBe(log.filter(({ event }) => event === 'claimed').length)
    })
  })
})
