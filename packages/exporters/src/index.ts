/**
 * Converts events and state to the formats of other programs. Pure: no I/O, no clock, no randomness.
 */
export { keyedMask, sha256 } from './digests.ts'
export { type HistoryFormat, historyFormats, type TaskExport, type TaskFormat, taskFormats } from './formats.ts'
export type { HistoryExport } from './history-export.ts'
export { type MetricsCollector, metricsCollector } from './metrics.ts'
export { formatOpenMetrics } from './open-metrics.ts'
export { redactLog } from './redact-log.ts'
