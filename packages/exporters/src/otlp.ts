import type { State } from '@claimlog/domain'
import type { Digest, HistoryExport } from './history-export.ts'
import { encodeAttributes } from './otlp-attributes.ts'
import { type OtlpSpan, runSpans } from './otlp-spans.ts'
import { historyReader } from './history-reader.ts'

/** The approximate number of spans per request: traces are not split. Collectors reject requests of many megabytes. */
const spansPerRequest = 500

/**
 * Exports the task runs of a history as OTLP/JSON: one `ExportTraceServiceRequest` per line, which collectors accept at
 * `/v1/traces` and read from files. Each run is one trace; unfinished runs are left out, as their spans would change.
 */
export const otlpExport = (digest: Digest): HistoryExport => {
  const history = historyReader()
  let pendingSpans: Array<OtlpSpan> = []

  const flushSpans = (): string => {
    if (pendingSpans.length === 0) return ''
    const spans = pendingSpans
    pendingSpans = []
    return `${JSON.stringify(toRequest(history.state(), spans))}\n`
  }

  return {
    begin: '',
    apply: event => {
      const { run } = history.apply(event)
      if (run === undefined) return ''
      for (const span of runSpans(run, history.state(), digest)) pendingSpans.push(span)
      return pendingSpans.length < spansPerRequest ? '' : flushSpans()
    },
    end: flushSpans,
    countUnfinished: history.countUnfinished,
  }
}

/** https://github.com/open-telemetry/opentelemetry-proto, `collector/trace/v1/trace_service.proto`. */
const toRequest = ({ workspace }: State, spans: ReadonlyArray<OtlpSpan>): object => ({
  resourceSpans: [
    {
      resource: {
        attributes: encodeAttributes({ 'service.name': 'claimlog', 'claimlog.workspace': workspace?.id ?? '' }),
      },
      scopeSpans: [{ scope: { name: 'claimlog' }, spans }],
    },
  ],
})
