import type { Event } from '@claimlog/domain'

/** The hex digits of a hash, SHA-256 or as good: what is derived from it is told apart by 128 of its bits. */
export type Digest = (text: string) => string

/** A history on its way into another format, event by event, from the log's first. */
export type HistoryExport = {
  /** The text that begins it. */
  readonly begin: string
  /** The text that one more event comes to, often none. */
  readonly take: (event: Event) => string
  /** The text that ends it. */
  readonly end: () => string
  /** How many tasks were left out, as they are not finished. */
  readonly leftOut: () => number
}
