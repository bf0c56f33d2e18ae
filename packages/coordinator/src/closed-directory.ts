import { statSync } from 'node:fs'
import { dirname } from 'node:path'

/** A directory that this user may not look into. */
export type ClosedDirectory = { readonly path: string; readonly uid: number; readonly mode: number }

/** The directory that keeps this user from `path`, of which the system answered EACCES; undefined: none does any more. */
export const closedDirectoryAbove = (path: string): ClosedDirectory | undefined => {
  for (let dir = dirname(path); ; dir = dirname(dir)) {
    try {
      const { uid, mode } = statSync(dir)
      return { path: dir, uid, mode: mode & 0o7777 }
    } catch {
      if (dir === dirname(dir)) return undefined
    }
  }
}
