import { basename, join } from 'node:path'
import type { TrackedLog } from '../git/tracked-log.ts'
import { ignoreAll, ignoreOwnFiles } from '../git/ignore-file.ts'
import { defaultDirName } from '../discovery/find-workspace.ts'
import { shellQuote } from './shell-quote.ts'

/** The commands, for a POSIX shell, that take a log out of git and leave every file where it is. */
export const untrackCommands = ({ checkout, folder }: TrackedLog): ReadonlyArray<string> => {
  const inWorkspace = (name: string): string => shellQuote(folder === '.' ? name : `${folder}/${name}`)
  const files = ignoreOwnFiles.map(pattern => inWorkspace(pattern.replace(/^\/|\/$/g, ''))).join(' ')
  const lines = basename(folder) === defaultDirName ? ignoreAll : ignoreOwnFiles
  const ignoreFile = shellQuote(join(checkout, folder, '.gitignore'))
  return [
    `git -C ${shellQuote(checkout)} rm -r -q --cached --ignore-unmatch -- ${files}`,
    // The file that is there may not end in a line break.
    `printf '%s\\n' '' ${lines.map(shellQuote).join(' ')} >> ${ignoreFile}`,
  ]
}
