import { relative } from 'node:path'
import { workingDirectory } from '@claimlog/discovery'
import { printable } from '@claimlog/domain'

/** A path as a person would type it here: relative where it is at or below the working directory. */
export const shownPath = (path: string): string => {
  const cwd = workingDirectory()
  const here = cwd === undefined ? '' : relative(cwd, path)
  return printable(here === '' || here.startsWith('..') ? path : here)
}
