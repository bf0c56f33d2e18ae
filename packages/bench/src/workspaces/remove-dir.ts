import { renameSync, rmSync } from 'node:fs'

/**
 * Deletes a directory and its contents. It is renamed first: a process that still works on a queue would otherwise
 * create new files where the old ones were just deleted.
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
