import { basename, join } from 'node:path'
import type { TrackedLog } from '../git/tracked-log.ts'
import { defaultDirName } from '../discovery/find-workspace.ts'
import { shellQuote } from './shell-quote.ts'

/** The commands, for a POSIX shell, that take a log out of git and leave every file where it is. */
export const untrackCommands = ({ checkout, folder }: TrackedLog): ReadonlyArray<string> => {
  const inWorkspace = (name: string): string => shellQuote(folder === '.' ? name : `${folder}/${name}`)
  const files = ['events.*', 'queue.*', 'derived'].map(inWorkspace).join(' ')
  const ignoreFile = shellQuote(join(checkout, folder, '.gitignore'))
  return [
    `git -C ${shellQuote(checkout)} rm -r -q --cached --ignore-unmatch -- ${files}`,
    basename(folder) === defaultDirName
      ? `printf '*\\n' > ${ignoreFile}`
      : `printf '/events.*\\n/queue.*\\n/derived/\\n' >> ${ignoreFile}`,
  ]
}
