import { statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { codeOf } from '@claimlog/event-log-file'
import type { NoWorkingDirectory } from './search-failure.ts'

/** The working directory, an absolute path; undefined: it was deleted while this process, or the one before it, was in it. */
export const workingDirectory = (): string | undefined => {
  try {
    // Node keeps what the system answered first, and would go on with the path of a directory that is gone.
    const cwd = process.cwd()
    return statSync(cwd, { throwIfNoEntry: false }) === undefined ? undefined : cwd
  } catch (thrown) {
    // A directory above it may be closed to this user, which is no matter to those who are in it already.
    return codeOf(thrown) === 'ENOENT' ? undefined : process.cwd()
  }
}

/** An absolute path for `path`, which a person may have written relative to the working directory. */
export const absolutePath = (path: string): E.Either<NoWorkingDirectory, string> => {
  if (isAbsolute(path)) return E.right(resolve(path))
  const cwd = workingDirectory()
  return cwd === undefined ? E.left({ failure: 'NoWorkingDirectory', path }) : E.right(join(cwd, path))
}
