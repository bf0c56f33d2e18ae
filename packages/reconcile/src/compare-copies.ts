import { join } from 'node:path'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { ReadFailure } from '@claimlog/event-log'
import { isSameFile, findLogFile, logFileName } from '@claimlog/event-log-file'
import { compareLogs, type Copies, type NotACopy } from './compare-logs.ts'

/**
 * Why `path` is not another copy of a log: there is nothing, it is this very log, or the two are not copies of one log.
 */
export type NoOtherCopy = NotACopy | { readonly notACopy: 'missing' | 'itself'; readonly path: string }

/** Compares the log in `dir` with another copy of it: the file `other`, or the log in the directory `other`. */
export const compareCopies = (dir: string, other: string): TE.TaskEither<ReadFailure | NoOtherCopy, Copies> => {
  const localPath = join(dir, logFileName)
  return pipe(
    TE.fromEither(findLogFile(other)),
    TE.mapLeft((path): NoOtherCopy => ({ notACopy: 'missing', path })),
    TE.filterOrElse(
      remotePath => !isSameFile(localPath, remotePath),
      (path): NoOtherCopy => ({ notACopy: 'itself', path }),
    ),
    TE.chainW(remotePath => compareLogs(localPath, remotePath)),
  )
}
