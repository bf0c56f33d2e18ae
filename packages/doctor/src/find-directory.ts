import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { findWorkspace, type PlaceChoice, type SearchFailure } from '@claimlog/discovery'
import type { NoLog } from '@claimlog/event-log'
import { systemErrorCode, logFileName, tornFileName } from '@claimlog/event-log-file'
import { queueFileName } from '@claimlog/queue-file'

/** Finds the directory of the given or nearest workspace, even if it cannot be used. */
export const findDirectory = (choice: PlaceChoice): E.Either<SearchFailure | NoLog, string> => {
  const workspace = findWorkspace(choice)
  const dir = E.isRight(workspace) ? workspace.right : unusableDir(workspace.left)
  if (dir === undefined) return workspace
  const logPath = join(dir, logFileName)
  if ([logPath, join(dir, queueFileName), join(dir, tornFileName)].some(mayExist)) return E.right(dir)
  return E.left(E.isLeft(workspace) ? workspace.left : { failure: 'NoLog', path: logPath })
}

/** The directory that was found but cannot be used, and can still be checked; undefined if none was found. */
const unusableDir = (failure: SearchFailure): string | undefined => {
  if (failure.failure === 'NotAWorkspace') return failure.path
  const isClosed = failure.failure === 'AccessDenied' && failure.path === join(failure.closed.path, logFileName)
  return isClosed ? failure.closed.path : undefined
}

/** True if the path exists, or if that cannot be determined. */
const mayExist = (path: string): boolean => {
  try {
    lstatSync(path)
    return true
  } catch (thrown) {
    return systemErrorCode(thrown) !== 'ENOENT'
  }
}
