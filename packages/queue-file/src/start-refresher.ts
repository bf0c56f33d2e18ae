import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ownFile, realDisk, tryLockFile } from '@claimlog/event-log-file'
import { derivedFolderProblem } from './derived-folder.ts'
import { derivedFiles } from './queue-file-on-disk.ts'

/** What brings the `queue.json` in `dir` up to date: `node program dir`, which has a {@link queueFileRefresher} do it. */
export type RefresherOptions = {
  readonly dir: string
  readonly program: string
  /** The environment it is given; none: that of this process. */
  readonly env?: NodeJS.ProcessEnv
}

/**
 * How long one that was started counts as there, also where it does not have its lock yet. Less than it lives at least,
 * so that none that has ended stands in for one that is needed.
 */
const startingMs = 3000

/**
 * Starts the process that brings the `queue.json` in `dir` up to date, unless one is there. It outlives this one and its
 * terminal, holds nothing open of them, and takes no time that others want. Where it cannot be started the file stays
 * behind, until a command that can.
 */
export const startRefresher = async ({ dir, program, env }: RefresherOptions): Promise<void> => {
  if (derivedFolderProblem(dir) !== undefined || !claimStart(join(dir, derivedFiles.refresher))) return
  // Takes 3 ms to load.
  const { spawn } = await import('node:child_process')
  spawn(process.execPath, [program, dir], { cwd: '/', detached: true, stdio: 'ignore', windowsHide: true, env })
    .on('error', () => undefined)
    .unref()
}

/**
 * Takes note of a start if nobody is at it. The file's lock says that one is at work, and its time when one was started
 * last: looked at under the lock, since several commands may want one at once. A file that was just made for the lock
 * holds nothing yet, and its time says nothing of a start.
 */
const claimStart = (name: string): boolean => {
  try {
    const { path } = ownFile(realDisk, name)
    if (isStarting(path)) return false
    const release = tryLockFile(path)
    if (release === undefined) return false
    try {
      if (isStarting(path)) return false
      writeFileSync(path, '\n')
    } finally {
      release()
    }
    return true
  } catch {
    return false
  }
}

const isStarting = (path: string): boolean => {
  const file = statSync(path, { throwIfNoEntry: false })
  if (file === undefined || file.size === 0) return false
  const ageMs = Date.now() - file.mtimeMs
  return ageMs >= 0 && ageMs < startingMs
}
