import type { State } from '@claimlog/domain'
import type { Digest, HistoryExport } from './history-export.ts'
import { attributesOf } from './otlp-attributes.ts'
import { type OtlpSpan, spansOf } from './otlp-spans.ts'
import { walk } from './walk.ts'

/** The approximate number of spans per request: traces are not split. Collectors reject requests of many megabytes. */
const spansInRequest = 500

/**
 * Exports the task runs of a history as OTLP/JSON: one `ExportTraceServiceRequest` per line, which collectors accept at
 * `/v1/traces` and read from files. Each run is one trace; unfinished runs are left out, as their spans would change.
 */
export const otlp = (digest: Digest): HistoryExport => {
  const history = walk()
  let waiting: Array<OtlpSpan> = []

  const request = (): string => {
    if (waiting.length === 0) return ''
    const spans = waiting
    waiting = []
    return `${JSON.stringify(requestOf(history.state(), spans))}\n`
  }

  return {
    begin: '',
    take: event => {
      const { life } = history.take(event)
      if (life === undefined) return ''
      for (const span of spansOf(life, history.state(), digest)) waiting.push(span)
      return waiting.length < spansInRequest ? '' : request()
    },
    end: request,
    leftOut: history.unfinished,
  }
}

/** https://github.com/open-telemetry/opentelemetry-proto, `collector/trace/v1/trace_service.proto`. */
const requestOf = ({ workspace }: State, spans: ReadonlyArray<OtlpSpan>): object => ({
  resourceSpans: [
    {
      resource: {
        attributes: attributesOf({ 'service.name': 'claimlog', 'claimlog.workspace': workspace?.id ?? '' }),
      },
      scopeSpans: [{ scope: { name: 'claimlog' }, spans }],
    },
  ],
})
