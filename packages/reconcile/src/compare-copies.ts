import { statSync } from 'node:fs'
import { join } from 'node:path'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { ReadFailure } from '@claimlog/event-log'
import { logFileName } from '@claimlog/event-log-file'
import { compareLogs, type Copies, type NotACopy } from './compare-logs.ts'

/** Why `path` is no other copy of a log: nothing is there, it is this very log, or the two are no copies of one. */
export type NoOtherCopy = NotACopy | { readonly notACopy: 'missing' | 'itself'; readonly path: string }

/** Compares the log in `dir` with another copy of it: the file `other`, or the one in the directory that it is. */
export const compareCopies = (dir: string, other: string): TE.TaskEither<ReadFailure | NoOtherCopy, Copies> => {
  const ourPath = join(dir, logFileName)
  const theirPath = isDirectory(other) ? join(other, logFileName) : other
  if (statSync(theirPath, { throwIfNoEntry: false }) === undefined)
    return TE.left({ notACopy: 'missing', path: theirPath })
  if (isSameFile(ourPath, theirPath)) return TE.left({ notACopy: 'itself', path: theirPath })
  return compareLogs(ourPath, theirPath)
}

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

const isSameFile = (one: string, other: string): boolean => {
  const [a, b] = [one, other].map(path => statSync(path, { throwIfNoEntry: false }))
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev
}
