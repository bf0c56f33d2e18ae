import { readlinkSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { systemErrorCode } from '@claimlog/event-log-file'

/** A directory that this user may not enter, or a file that it may not read. */
export type ClosedPath = { readonly path: string; readonly uid: number; readonly mode: number }

/**
 * Returns what denies this user access to `path`, after the system returned EACCES: `path` itself, or the nearest
 * visible directory above it, because nothing in it is visible; for a symbolic link, its target. undefined: access is
 * no longer denied.
 */
export const closedPath = (path: string): ClosedPath | undefined => {
  for (let at = path; ; at = dirname(at)) {
    try {
      const { uid, mode } = statSync(at)
      return { path: at, uid, mode: mode & 0o7777 }
    } catch (thrown) {
      const target = systemErrorCode(thrown) === 'EACCES' ? linkTarget(at) : undefined
      if (target !== undefined) return closedPath(target)
      if (at === dirname(at)) return undefined
    }
  }
}

/** The target of a symbolic link; undefined: not a link, or not visible. */
const linkTarget = (path: string): string | undefined => {
  try {
    return resolve(dirname(path), readlinkSync(path))
  } catch {
    return undefined
  }
}
