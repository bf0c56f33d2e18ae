import { lstatSync, mkdtempSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tryLockFile } from '@claimlog/event-log-file'

/** The folder of a worker process, for the files of its commands. Made by the first use, and again if it was deleted. */
export type WorkerFolder = {
  /** Makes a new folder in it, whose name begins with `prefix`, and answers with its path. Throws where the disk says no. */
  readonly makeInside: (prefix: string) => string
  /** Removes it with all that is in it, as far as it can be. */
  readonly remove: () => void
}

const prefix = 'claimlog-work-'

/**
 * Held for as long as the process lives, however it ends: who gets the lock of a folder may remove it. A pid would not do,
 * as containers share a directory for temporary files and have pids of their own.
 */
const lockName = 'lock'

/** Others may remove a folder just as it is made; nobody does so three times. */
const triesMax = 3

type Made = { readonly path: string; readonly unlock: () => void }

export const workerFolder = (): WorkerFolder => {
  let made: Made | undefined
  const makeInside: WorkerFolder['makeInside'] = name => {
    for (let tries = 1; ; tries += 1)
      try {
        made ??= make()
        return mkdtempSync(join(made.path, name))
      } catch (thrown) {
        if (made === undefined || tries === triesMax || codeOf(thrown) !== 'ENOENT') throw thrown
        made.unlock()
        made = undefined
      }
  }
  return {
    makeInside,
    remove: () => {
      if (made === undefined) return
      removeAll(made.path)
      made.unlock()
      made = undefined
    },
  }
}

/** Makes a folder that no other process removes; mkdtemp gives it the mode 0700. */
const make = (): Made => {
  for (let tries = 1; tries <= triesMax; tries += 1) {
    const path = mkdtempSync(join(tmpdir(), prefix))
    const unlock = lock(path)
    if (unlock !== undefined) return { path, unlock }
  }
  throw Object.assign(new Error('EAGAIN: another process locks each new folder'), { code: 'EAGAIN' })
}

/**
 * Locks a folder; undefined: another process has its lock, and removes it. Some file systems have no locks: a folder
 * without a lock file is never removed by others, unless it is empty.
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
 * Removes the folders of worker processes of this user that were killed and whose guards could not do it. Follows no
 * symbolic link, and keeps away from a directory in which others may rename what is not theirs.
 */
export const removeLeftFolders = (): void => {
  try {
    if (!isSafe(tmpdir())) return
    for (const name of readdirSync(tmpdir())) if (name.startsWith(prefix)) removeLeft(join(tmpdir(), name))
  } catch {
    // Whatever is wrong with the directory, the first command will say.
    return
  }
}

const stickyBit = 0o1000
const writableByOthers = 0o022

const isSafe = (directory: string): boolean => {
  const { mode } = statSync(directory)
  return (mode & stickyBit) !== 0 || (mode & writableByOthers) === 0
}

const removeLeft = (path: string): void => {
  try {
    const folder = lstatSync(path)
    if (!folder.isDirectory() || folder.uid !== process.getuid?.() || (folder.mode & 0o077) !== 0) return
    const lockPath = join(path, lockName)
    const lockFile = lstatSync(lockPath, { throwIfNoEntry: false })
    if (lockFile === undefined) {
      // Only if it is empty. Whoever has made it just now makes another one.
      rmdirSync(path)
      return
    }
    const unlock = lockFile.isFile() ? tryLockFile(lockPath) : undefined
    if (unlock === undefined) return
    removeAll(path)
    unlock()
  } catch {
    // Somebody else was faster, or it is not empty.
    return
  }
}

/** What is left behind in a place for temporary files is no reason to lose a result. */
const removeAll = (path: string): void => {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch {
    return
  }
}

const codeOf = (thrown: unknown): string | undefined => (thrown as NodeJS.ErrnoException).code
