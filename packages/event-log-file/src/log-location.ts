import { statSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { logFileName } from './file-log.ts'

/** The log that `path` names, as a file or as its directory. Left: the path at which there is no log. */
export const findLogFile = (path: string): E.Either<string, string> => {
  const file = statIfExists(path)?.isDirectory() === true ? join(path, logFileName) : path
  return statIfExists(file) === undefined ? E.left(file) : E.right(file)
}

/** True if both paths lead to the same existing file or directory. */
export const isSameFile = (one: string, other: string): boolean => {
  const [a, b] = [statIfExists(one), statIfExists(other)]
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev
}

const statIfExists = (path: string) => statSync(path, { throwIfNoEntry: false })
