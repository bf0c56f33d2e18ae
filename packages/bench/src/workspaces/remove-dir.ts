import { renameSync, rmSync } from 'node:fs'

/**
 * Deletes a directory and its contents. It is renamed first: a process that still works on a queue would otherwise
 * create new files where the old ones were just deleted.
 */
export const removeDir = (dir: string): void => {
  const renamedDir = `${dir}.deleted`
  try {
    renameSync(dir, renamedDir)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return
    throw thrown
  }
  rmSync(renamedDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
}
