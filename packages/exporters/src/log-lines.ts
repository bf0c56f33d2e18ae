import { encodeEvent } from '@claimlog/domain'
import type { HistoryExport } from './history-export.ts'

/** The events as they stand in the log, a line each. */
export const logLines = (): HistoryExport => ({
  begin: '',
  take: event => `${encodeEvent(event)}\n`,
  end: () => '',
  leftOut: () => 0,
})
