import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** What an agent runs claimlog by: `words` as arguments, and whether the first of them is found on the path. */
export type OwnCommand = { readonly words: ReadonlyArray<string>; readonly onPath: boolean }

/**
 * `claimlog` where the path has it, so that what is written holds on the machines of others; else this program by the
 * paths of itself and of the node that runs it. What is on the path only while npx or a package's script runs does not
 * count: an agent does not find it.
 */
export const ownCommand = (script: string, path = process.env['PATH'] ?? ''): OwnCommand =>
  path.split(delimiter).some(folder => !passing.test(folder) && isProgram(join(folder, 'claimlog')))
    ? { words: ['claimlog'], onPath: true }
    : { words: [process.execPath, script], onPath: false }

const passing = /(?:^|[\\/])node_modules[\\/]\.bin[\\/]?$/

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
