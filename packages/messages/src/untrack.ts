import { basename, join } from 'node:path'
import { defaultDirName, ignoreAll, ignoreFileName, ignoreOwnFiles, type TrackedLog } from '@claimlog/discovery'
import { shellQuote } from './shell-quote.ts'

/** The commands, for a POSIX shell, that take a log out of git and leave every file where it is. */
export const untrackCommands = ({ checkout, folder }: TrackedLog): ReadonlyArray<string> => {
  const inWorkspace = (name: string): string => shellQuote(folder === '.' ? name : `${folder}/${name}`)
  const files = ignoreOwnFiles.map(pattern => inWorkspace(pattern.replace(/^\/|\/$/g, ''))).join(' ')
  return [
    `git -C ${shellQuote(checkout)} rm -r -q --cached --ignore-unmatch -- ${files}`,
    ignoreCommand(join(checkout, folder)),
  ]
}

/** The command, for a POSIX shell, that has git ignore the workspace in `dir`. */
export const ignoreCommand = (dir: string): string => {
  const lines = basename(dir) === defaultDirName ? ignoreAll : ignoreOwnFiles
  // The file that is there may not end in a line break.
  return `printf '%s\\n' '' ${lines.map(shellQuote).join(' ')} >> ${shellQuote(join(dir, ignoreFileName))}`
}
