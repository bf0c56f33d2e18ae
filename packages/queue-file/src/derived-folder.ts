import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { IoFailed } from '@claimlog/event-log'
import { derivedFiles } from './queue-file-on-disk.ts'

/**
 * Why nothing may be written in the folder for what is derived: a link in its place leads out of the workspace, and is not
 * followed. undefined: it is a folder, or is still to be made.
 */
export const derivedFolderProblem = (dir: string): IoFailed | undefined => {
  const path = join(dir, derivedFiles.dir)
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined || stats.isDirectory()) return undefined
  const detail = stats.isSymbolicLink() ? 'is a symbolic link, which is not followed' : 'is no directory'
  return {
    failure: 'IoFailed',
    path,
    operation: 'open',
    code: 'ENOTDIR',
    detail: `${derivedFiles.dir} ${detail}; move it away`,
  }
}
