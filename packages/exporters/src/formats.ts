import type { ListQuery, State, Time } from '@claimlog/domain'
import { chromeTrace } from './chrome-trace.ts'
import { cloudEvents } from './cloud-events.ts'
import { csv } from './csv.ts'
import { dot } from './dot.ts'
import { graphOf } from './graph.ts'
import type { Digest, HistoryExport } from './history-export.ts'
import { logLines } from './log-lines.ts'
import { mermaid } from './mermaid.ts'
import { otlp } from './otlp.ts'
import { taskJson } from './task-json.ts'

/** The tasks to export, the current time, and a function that escapes a text so that it is visible on one line. */
type TaskExportOptions = {
  readonly query: ListQuery
  readonly now: Time
  readonly shown: (text: string) => string
}

/** Exports tasks: the chunks of the text, in order. */
export type TaskExport = (state: State, options: TaskExportOptions) => Iterable<string>

/** The formats that are rendered from the current tasks. */
export const taskFormats = {
  csv: (state: State, { query }: TaskExportOptions) => csv(state, query),
  json: (state: State, { query }: TaskExportOptions) => taskJson(state, query),
  mermaid: (state: State, { query, now, shown }: TaskExportOptions) => mermaid(graphOf(state, query, now), shown),
  dot: (state: State, { query, now, shown }: TaskExportOptions) => dot(graphOf(state, query, now), shown),
} as const satisfies Readonly<Record<string, TaskExport>>

/** The formats that are rendered from the whole history. */
export const historyFormats = {
  otlp,
  'chrome-trace': chromeTrace,
  cloudevents: cloudEvents,
  log: logLines,
} as const satisfies Readonly<Record<string, (digest: Digest) => HistoryExport>>

export type TaskFormat = keyof typeof taskFormats
export type HistoryFormat = keyof typeof historyFormats
