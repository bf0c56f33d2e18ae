import type { AccessDenied, LogUrlUnusable, PlaceOnServer } from '@claimlog/discovery'
import type { Event } from '@claimlog/domain'
import type { EventLog, IoFailed, LogDamaged, NoLog, UnknownFormat, Unreachable } from '@claimlog/event-log'
import type { Durability } from '@claimlog/event-log-file'

/** The place of an open queue. `dir` has its derived files. */
export type QueuePlace =
  | {
      readonly _tag: 'directory'
      /** Contains `events.jsonl`. */
      readonly dir: string
    }
  | {
      readonly _tag: 'server'
      /** The URL of the log, without its password. */
      readonly url: string
      readonly dir: string
    }

/** The URL of a log on a server, and who names it. */
export type ServerLogAddress = Pick<PlaceOnServer, 'url' | 'isNamedByFile'>

/** The directory of a log in a file; undefined: it is on a server. */
export const logDirectory = (place: QueuePlace): string | undefined =>
  place._tag === 'directory' ? place.dir : undefined

/** The options to write a log. */
export type LogOptions = {
  /**
   * When success is reported: `disk`, after fsync (survives a power cut); `os`, after the write (survives a process
   * crash, and on a server also one of this machine).
   */
  readonly durability?: Durability
  /** The time to wait for other writers, and for a server that does not answer, in milliseconds; default 10 s. */
  readonly lockTimeoutMs?: number
}

/** A log, and whether `queue.json` is kept for it. */
export type OpenedLog = {
  readonly log: EventLog<Event>
  /** The id of a log on a server; undefined: it is in a file. */
  readonly logId: string | undefined
  readonly place: QueuePlace
  readonly keepsQueueFile: boolean
}

/** Why a log cannot be opened. */
export type OpenLogFailure = IoFailed | NoLog | LogDamaged | AccessDenied | LogUrlUnusable | Unreachable | UnknownFormat
