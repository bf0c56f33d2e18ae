import { lstatSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { IoFailed, LogDamaged, NetworkFileSystem } from '@claimlog/event-log'
import { systemErrorCode, createFileLog, logFileName } from '@claimlog/event-log-file'
import { findCheckout } from './git/checkout.ts'
import { defaultDirName, findLostLog } from './find-workspace.ts'
import { ignoreAll, ignoreOwnFilesAndItself, isOwnFile, writeIgnoreFile } from './git/ignore-file.ts'

/**
 * Creates the directory of a workspace, its `.gitignore` and an empty log; existing files are not changed. git ignores
 * everything in it, but in a directory with other files only claimlog's own files, and only inside a checkout.
 */
export const makeWorkspace = (
  dir: string,
  force: boolean,
): E.Either<IoFailed | NetworkFileSystem | LogDamaged, void> => {
  const lostLog = findLostLog(dir)
  if (lostLog !== undefined) return E.left(lostLog)
  // Before the log exists, so that no git command that runs meanwhile adds it.
  return createFileLog(dir, force, () => {
    const log = lstatSync(join(dir, logFileName), { throwIfNoEntry: false })
    if (log?.isFile() === false) return
    try {
      if (basename(dir) === defaultDirName || readdirSync(dir).every(isOwnFile)) writeIgnoreFile(dir, ignoreAll)
      else if (findCheckout(dir) !== undefined) writeIgnoreFile(dir, ignoreOwnFilesAndItself)
    } catch (thrown) {
      // Another user's workspace, which has none and can be used without it.
      if (systemErrorCode(thrown) !== 'EACCES' || log === undefined) throw thrown
    }
  })
}
