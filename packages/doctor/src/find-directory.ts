import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { findWorkspace, type SearchFailure } from '@claimlog/discovery'
import type { NoLog } from '@claimlog/event-log'
import { codeOf, logFileName, tornFileName } from '@claimlog/event-log-file'
import { queueFileName } from '@claimlog/queue-file'

/** The directory of the workspace that is named, or else found; also of one that cannot be used. */
export const findDirectory = (named: string | undefined): E.Either<SearchFailure | NoLog, string> => {
  const found = findWorkspace(named)
  const dir = E.isRight(found) ? found.right : unusableDir(found.left)
  if (dir === undefined) return found
  const logPath = join(dir, logFileName)
  if ([logPath, join(dir, queueFileName), join(dir, tornFileName)].some(mayBeThere)) return E.right(dir)
  return E.left(E.isLeft(found) ? found.left : { failure: 'NoLog', path: logPath })
}

/** The directory that was found and cannot be used, which can be examined all the same; undefined: none was found. */
const unusableDir = (failure: SearchFailure): string | undefined => {
  if (failure.failure === 'NotAWorkspace') return failure.path
  const isClosed = failure.failure === 'AccessDenied' && failure.path === join(failure.closed.path, logFileName)
  return isClosed ? failure.closed.path : undefined
}

/** Whether there is something of that name, or nobody can tell. */
const mayBeThere = (path: string): boolean => {
  try {
    lstatSync(path)
    return true
  } catch (thrown) {
    return codeOf(thrown) !== 'ENOENT'
  }
}
