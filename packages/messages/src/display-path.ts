import { relative } from 'node:path'
import { workingDirectory } from '@claimlog/discovery'
import { toPrintable } from '@claimlog/domain'

/** Formats a path for display: relative if it is in or below the working directory. */
export const displayPath = (path: string): string => {
  const cwd = workingDirectory()
  const relativePath = cwd === undefined ? '' : relative(cwd, path)
  return toPrintable(relativePath === '' || relativePath.startsWith('..') ? path : relativePath)
}
