import { dirname } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { type OutcomeUnknown, withSystemError } from '@claimlog/event-log'
import { type FileContext, ignoreSystemErrors, withOpenFile } from '../disk/log-file.ts'
import { findUnsyncedMark } from './sync.ts'

/**
 * Prepares to replace the log by a file that is complete and on the disk. Returns the path of a mark: if this process
 * dies before the new name is on the disk, the next writer syncs it before it appends. Throws as the disk does.
 */
export const prepareReplacement = ({ disk, path }: FileContext): string => {
  const { path: markPath } = findUnsyncedMark(disk, path)
  withOpenFile(disk, markPath, 'append or create', () => undefined)
  disk.syncDirectory(dirname(path))
  return markPath
}

/** Gives the file at `newPath` the name of the log, and removes the mark once that is durable. The rename may throw. */
export const renameToLog = (
  context: FileContext,
  newPath: string,
  markPath: string,
): E.Either<OutcomeUnknown, void> => {
  const { disk, path } = context
  disk.rename(newPath, path)
  const syncResult = syncRename(context)
  if (E.isRight(syncResult)) ignoreSystemErrors(() => disk.remove(markPath))
  return syncResult
}

/** Makes the rename of the new log durable. */
export const syncRename = ({ disk, path }: FileContext): E.Either<OutcomeUnknown, void> =>
  E.tryCatch(
    () => disk.syncDirectory(dirname(path)),
    thrown =>
      withSystemError(
        { failure: 'OutcomeUnknown', path, operation: 'syncing its directory', detail: String(thrown) },
        thrown,
      ),
  )
