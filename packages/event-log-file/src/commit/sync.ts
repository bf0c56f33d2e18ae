import * as E from 'fp-ts/lib/Either.js'
import type { IoFailed, OutcomeUnknown } from '@claimlog/event-log'
import { ioFailed } from '../disk/io-failure.ts'
import type { LogFile } from '../disk/log-file.ts'
import type { Place } from '../disk/source.ts'
import { markUnsynced, syncAnew } from './unsynced.ts'

/**
 * What an answer promises: `disk`, that the events outlive a power cut; `os`, that they outlive the process, but a power
 * cut may take the newest of them.
 */
export type Durability = 'disk' | 'os'

/** What one open log knows of the disk. */
export type Syncing = {
  /** Whether an answer waits for the disk at all. */
  readonly syncs: boolean
  /** The sync that failed. Final: a second try could succeed and mean nothing. */
  readonly failure: () => OutcomeUnknown | undefined
  /** Another file is open than before, of which nothing is known. */
  readonly forget: () => void
  /** Before the first write to an opened file: mends what another process could not sync. Under the log's lock. */
  readonly prepare: () => E.Either<IoFailed, void>
  /** Makes everything up to byte `offset` last as promised, for everybody who wrote it. */
  readonly upTo: (offset: number) => E.Either<OutcomeUnknown, void>
}

export const syncingOf = ({ disk, path }: Place, file: LogFile, durability: Durability): Syncing => {
  /** Where the log is known to be on the disk. */
  let syncedTo = 0
  let failure: OutcomeUnknown | undefined
  let prepared = false

  return {
    syncs: durability === 'disk',
    failure: () => failure,
    forget: () => {
      syncedTo = 0
      prepared = false
    },
    prepare: () => {
      if (prepared || durability === 'os') return E.right(undefined)
      try {
        syncAnew(disk, path)
        prepared = true
        return E.right(undefined)
      } catch (thrown) {
        return E.left(ioFailed(path, 'sync', thrown))
      }
    },
    upTo: offset => {
      if (failure !== undefined) return E.left(failure)
      if (durability === 'os' || offset <= syncedTo) return E.right(undefined)
      try {
        file.current().datasync()
        syncedTo = offset
        return E.right(undefined)
      } catch (thrown) {
        failure = { failure: 'OutcomeUnknown', path, operation: 'fdatasync', detail: String(thrown) }
        markUnsynced(disk, path)
        return E.left(failure)
      }
    },
  }
}
