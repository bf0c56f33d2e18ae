import { readlinkSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { codeOf } from '@claimlog/event-log-file'

/** A directory that this user may not look into, or a file that it may not read. */
export type ClosedPath = { readonly path: string; readonly uid: number; readonly mode: number }

/**
 * What keeps this user from `path`, of which the system answered EACCES: `path` itself, or the nearest directory above it
 * that can be seen, as nothing in it can be; behind a symbolic link what that leads to. undefined: nothing does any more.
 */
export const closedPath = (path: string): ClosedPath | undefined => {
  for (let at = path; ; at = dirname(at)) {
    try {
      const { uid, mode } = statSync(at)
      return { path: at, uid, mode: mode & 0o7777 }
    } catch (thrown) {
      const target = codeOf(thrown) === 'EACCES' ? linkTarget(at) : undefined
      if (target !== undefined) return closedPath(target)
      if (at === dirname(at)) return undefined
    }
  }
}

/** Where a symbolic link leads; undefined: it is none, or cannot be seen. */
const linkTarget = (path: string): string | undefined => {
  try {
    return resolve(dirname(path), readlinkSync(path))
  } catch {
    return undefined
  }
}
