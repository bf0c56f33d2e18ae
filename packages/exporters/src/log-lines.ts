import { encodeEvent } from '@claimlog/domain'
import type { HistoryExport } from './history-export.ts'

/** Exports the events as in the log, one per line. */
export const logLines = (): HistoryExport => ({
  begin: '',
  take: event => `${encodeEvent(event)}\n`,
  end: () => '',
  leftOut: () => 0,
})
