import { lstatSync, mkdtempSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tryLockFile } from '@claimlog/event-log-file'

/** The folder of a worker process, for the files of its commands. Created on first use, and again if it was deleted. */
export type WorkerFolder = {
  /** Creates a new folder in it, whose name begins with `prefix`, and returns its path. Throws on disk errors. */
  readonly makeSubfolder: (prefix: string) => string
  /** Removes the folder and its contents; ignores errors. */
  readonly remove: () => void
}

const prefix = 'claimlog-work-'

/**
 * The lock is held until the process ends for any reason: a process that gets the lock of a folder may remove it. A pid
 * is not sufficient, as containers may share a temporary directory and have separate pids.
 */
const lockName = 'lock'

/** Another process may remove a folder just after it was created, but not three times. */
const triesMax = 3

type LockedFolder = { readonly path: string; readonly unlock: () => void }

export const workerFolder = (): WorkerFolder => {
  let lockedFolder: LockedFolder | undefined
  const makeSubfolder: WorkerFolder['makeSubfolder'] = name => {
    for (let tries = 1; ; tries += 1)
      try {
        lockedFolder ??= makeLockedFolder()
        return mkdtempSync(join(lockedFolder.path, name))
      } catch (thrown) {
        if (lockedFolder === undefined || tries === triesMax || errorCode(thrown) !== 'ENOENT') throw thrown
        lockedFolder.unlock()
        lockedFolder = undefined
      }
  }
  return {
    makeSubfolder,
    remove: () => {
      if (lockedFolder === undefined) return
      removeAll(lockedFolder.path)
      lockedFolder.unlock()
      lockedFolder = undefined
    },
  }
}

/** Creates a folder that no other process removes; mkdtemp sets the mode 0700. */
const makeLockedFolder = (): LockedFolder => {
  for (let tries = 1; tries <= triesMax; tries += 1) {
    const path = mkdtempSync(join(tmpdir(), prefix))
    const unlock = lock(path)
    if (unlock !== undefined) return { path, unlock }
  }
  throw Object.assign(new Error('EAGAIN: another process locks each new folder'), { code: 'EAGAIN' })
}

/**
 * Locks a folder; undefined: another process has the lock and removes the folder. If the file system has no locks, the
 * lock file is deleted: other processes remove a folder without one only if it is empty.
 */
const lock = (path: string): (() => void) | undefined => {
  try {
    return tryLockFile(join(path, lockName))
  } catch {
    rmSync(join(path, lockName), { force: true })
    return () => undefined
  }
}

/**
 * Removes the folders of killed worker processes of this user whose watchdogs could not do it. Follows no symbolic
 * links. Does nothing in a directory where other users can rename files of this user.
 */
export const removeStaleFolders = (): void => {
  try {
    if (!isSafe(tmpdir())) return
    for (const name of readdirSync(tmpdir())) if (name.startsWith(prefix)) removeStaleFolder(join(tmpdir(), name))
  } catch {
    // If there is a problem with the directory, the first command reports it.
    return
  }
}

const stickyBit = 0o1000
const writableByOthers = 0o022

const isSafe = (directory: string): boolean => {
  const { mode } = statSync(directory)
  return (mode & stickyBit) !== 0 || (mode & writableByOthers) === 0
}

const removeStaleFolder = (path: string): void => {
  try {
    const folder = lstatSync(path)
    if (!folder.isDirectory() || folder.uid !== process.getuid?.() || (folder.mode & 0o077) !== 0) return
    const lockPath = join(path, lockName)
    const lockFile = lstatSync(lockPath, { throwIfNoEntry: false })
    if (lockFile === undefined) {
      // Fails unless it is empty. If another process has just created it, that process creates another one.
      rmdirSync(path)
      return
    }
    const unlock = lockFile.isFile() ? tryLockFile(lockPath) : undefined
    if (unlock === undefined) return
    removeAll(path)
    unlock()
  } catch {
    // Another process was faster, or the folder is not empty.
    return
  }
}

/** Ignores errors: files left behind in a temporary directory are no reason to lose a result. */
const removeAll = (path: string): void => {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch {
    return
  }
}

const errorCode = (thrown: unknown): string | undefined => (thrown as NodeJS.ErrnoException).code
