import { lstatSync } from 'node:fs'
import { dirname } from 'node:path'

/** A directory that this user may not look into, or a file that it may not read. */
export type ClosedPath = { readonly path: string; readonly uid: number; readonly mode: number }

/**
 * What keeps this user from `path`, of which the system answered EACCES: `path` itself, or the nearest directory above it
 * that can be seen, as nothing in it can be. undefined: nothing does any more.
 */
export const closedPath = (path: string): ClosedPath | undefined => {
  for (let at = path; ; at = dirname(at)) {
    try {
      const { uid, mode } = lstatSync(at)
      return { path: at, uid, mode: mode & 0o7777 }
    } catch {
      if (at === dirname(at)) return undefined
    }
  }
}
