import { renameSync, rmSync } from 'node:fs'

/**
 * Deletes a directory with all that is in it. Under another name first, where nobody looks for it: a process that is
 * still at work on a queue would otherwise put new files where the old ones were just deleted.
 */
export const removeDir = (dir: string): void => {
  const aside = `${dir}.deleted`
  try {
    renameSync(dir, aside)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return
    throw thrown
  }
  rmSync(aside, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
}
