import { statSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { logFileName } from './file-log.ts'

/** The log that `path` names, itself or by the directory that holds it. Left: the path at which there is none. */
export const logFileAt = (path: string): E.Either<string, string> => {
  const file = statOf(path)?.isDirectory() === true ? join(path, logFileName) : path
  return statOf(file) === undefined ? E.left(file) : E.right(file)
}

/** Tells if both paths lead to one file or directory that is there. */
export const isSameFile = (one: string, other: string): boolean => {
  const [a, b] = [statOf(one), statOf(other)]
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev
}

const statOf = (path: string) => statSync(path, { throwIfNoEntry: false })
