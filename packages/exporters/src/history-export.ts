import type { Event } from '@claimlog/domain'

/** A hash function such as SHA-256, in hex. Ids use at most 128 bits of it. */
export type Digest = (text: string) => string

/** Converts a history to another format, event by event, from the first event of the log. */
export type HistoryExport = {
  /** The text before the first event. */
  readonly begin: string
  /** The text that the next event adds, often empty. */
  readonly apply: (event: Event) => string
  /** The text after the last event. */
  readonly end: () => string
  /** The number of tasks that were left out because they are not finished. */
  readonly countUnfinished: () => number
}
