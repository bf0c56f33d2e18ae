import type { ListQuery, State, Time } from '@claimlog/domain'
import { chromeTraceExport } from './chrome-trace.ts'
import { cloudEventsExport } from './cloud-events.ts'
import { renderCsv } from './csv.ts'
import { renderDot } from './dot.ts'
import { buildGraph } from './graph.ts'
import type { Digest, HistoryExport } from './history-export.ts'
import { logLinesExport } from './log-lines.ts'
import { renderMermaid } from './mermaid.ts'
import { otlpExport } from './otlp.ts'
import { renderTaskJson } from './task-json.ts'

/** The tasks to export, the current time, and a function that escapes a text so that it is visible on one line. */
type TaskExportOptions = {
  readonly query: ListQuery
  readonly now: Time
  readonly escapeText: (text: string) => string
}

/** Exports tasks: the chunks of the text, in order. */
export type TaskExport = (state: State, options: TaskExportOptions) => Iterable<string>

/** The formats that are rendered from the current tasks. */
export const taskFormats = {
  csv: (state: State, { query }: TaskExportOptions) => renderCsv(state, query),
  json: (state: State, { query }: TaskExportOptions) => renderTaskJson(state, query),
  mermaid: (state: State, { query, now, escapeText }: TaskExportOptions) =>
    renderMermaid(buildGraph(state, query, now), escapeText),
  dot: (state: State, { query, now, escapeText }: TaskExportOptions) =>
    renderDot(buildGraph(state, query, now), escapeText),
} as const satisfies Readonly<Record<string, TaskExport>>

/** The formats that are rendered from the whole history. */
export const historyFormats = {
  otlp: otlpExport,
  'chrome-trace': chromeTraceExport,
  cloudevents: cloudEventsExport,
  log: logLinesExport,
} as const satisfies Readonly<Record<string, (digest: Digest) => HistoryExport>>

export type TaskFormat = keyof typeof taskFormats
export type HistoryFormat = keyof typeof historyFormats
