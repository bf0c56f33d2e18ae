import { lstatSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { IoFailed, LogDamaged, NetworkFileSystem } from '@claimlog/event-log'
import { codeOf, createFileLog, logFileName } from '@claimlog/event-log-file'
import { checkoutOf } from './git/checkout.ts'
import { defaultDirName, findLostLog } from './find-workspace.ts'
import { ignoreAll, ignoreOwnFilesAndItself, isOwnFile, writeIgnoreFile } from './git/ignore-file.ts'

/**
 * Makes the directory of a workspace, its `.gitignore` and an empty log; what is there already stays as it is. git is to
 * ignore all of it, but in a directory with files of others our own files only, and only if git is used there.
 */
export const makeWorkspace = (
  dir: string,
  force: boolean,
): E.Either<IoFailed | NetworkFileSystem | LogDamaged, void> => {
  const lost = findLostLog(dir)
  if (lost !== undefined) return E.left(lost)
  // Before there is a log, so that no git command that runs meanwhile takes it.
  return createFileLog(dir, force, () => {
    const log = lstatSync(join(dir, logFileName), { throwIfNoEntry: false })
    if (log?.isFile() === false) return
    try {
      if (basename(dir) === defaultDirName || readdirSync(dir).every(isOwnFile)) writeIgnoreFile(dir, ignoreAll)
      else if (checkoutOf(dir) !== undefined) writeIgnoreFile(dir, ignoreOwnFilesAndItself)
    } catch (thrown) {
      // Somebody else's workspace, which does without and can be used.
      if (codeOf(thrown) !== 'EACCES' || log === undefined) throw thrown
    }
  })
}
