import { mkdirSync, statfsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { IoFailed, NetworkFileSystem } from '@claimlog/event-log'
import { realDisk } from './disk/disk.ts'
import { logFileName } from './file-log.ts'
import { toIoFailed } from './disk/io-failure.ts'
import { withOpenFile } from './disk/log-file.ts'
import { networkFileSystem } from './disk/network-file-system.ts'

/**
 * Creates the directory and an empty log in it; an existing log stays as it is. Both are on the disk when this returns.
 * Refuses a network file system unless `force`. `prepare` runs when the directory exists and the log may not.
 */
export const createFileLog = (
  dirPath: string,
  force: boolean,
  prepare: () => void = () => undefined,
): E.Either<IoFailed | NetworkFileSystem, void> => {
  const dir = resolve(dirPath)
  const logPath = join(dir, logFileName)
  try {
    const firstCreated = mkdirSync(dir, { recursive: true })
    const fileSystem = force ? undefined : networkFileSystem(statfsSync(dir).type)
    if (fileSystem !== undefined) return E.left({ failure: 'NetworkFileSystem', path: dir, fileSystem })
    prepare()
    withOpenFile(realDisk, logPath, 'append or create', () => undefined)
    realDisk.syncDirectory(dir)
    // A new directory is an entry of its parent, and so on up to the one that existed.
    for (let parent = dir; firstCreated !== undefined && parent.length >= firstCreated.length; parent = dirname(parent))
      realDisk.syncDirectory(dirname(parent))
    return E.right(undefined)
  } catch (thrown) {
    return E.left(toIoFailed((thrown as NodeJS.ErrnoException).path ?? logPath, 'create', thrown))
  }
}
