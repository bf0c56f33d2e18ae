import { basename, join } from 'node:path'
import { defaultDirName, ignoreAll, ignoreFileName, ignoreOwnFiles, type TrackedLog } from '@claimlog/discovery'
import { shellQuote } from './shell-quote.ts'

/** The POSIX shell commands that remove a log from git and keep every file on disk. */
export const untrackCommands = ({ checkout, folder }: TrackedLog): ReadonlyArray<string> => {
  const inWorkspace = (name: string): string => shellQuote(folder === '.' ? name : `${folder}/${name}`)
  const files = ignoreOwnFiles.map(pattern => inWorkspace(pattern.replace(/^\/|\/$/g, ''))).join(' ')
  return [
    `git -C ${shellQuote(checkout)} rm -r -q --cached --ignore-unmatch -- ${files}`,
    gitIgnoreCommand(join(checkout, folder)),
  ]
}

/** The POSIX shell command that makes git ignore the workspace in `dir`. */
export const gitIgnoreCommand = (dir: string): string => {
  const lines = basename(dir) === defaultDirName ? ignoreAll : ignoreOwnFiles
  // An existing file may not end in a line break.
  return `printf '%s\\n' '' ${lines.map(shellQuote).join(' ')} >> ${shellQuote(join(dir, ignoreFileName))}`
}
