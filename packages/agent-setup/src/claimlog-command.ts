import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { shellQuote } from '@claimlog/messages'

/** The command with which an agent runs claimlog: program and arguments; `onPath`: it is found on the PATH. */
export type ClaimlogCommand = { readonly words: ReadonlyArray<string>; readonly onPath: boolean }

/**
 * Returns `claimlog` if it is on the PATH, so that the files also work on other machines; otherwise the paths of node
 * and of this script. Directories that are on the PATH only while npx or a package script runs do not count, as the
 * agent would not find claimlog there.
 */
export const claimlogCommand = (script: string, path = process.env['PATH'] ?? ''): ClaimlogCommand =>
  path.split(delimiter).some(folder => !temporaryPath.test(folder) && isExecutable(join(folder, 'claimlog')))
    ? { words: ['claimlog'], onPath: true }
    : { words: [process.execPath, script], onPath: false }

const temporaryPath = /(?:^|[\\/])node_modules[\\/]\.bin[\\/]?$/

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Words for a shell; a flag that was quoted would be an operand. */
export const quoteFlags = ([flag, ...values]: ReadonlyArray<string>): ReadonlyArray<string> =>
  flag === undefined ? [] : [flag, ...values.map(shellQuote)]
