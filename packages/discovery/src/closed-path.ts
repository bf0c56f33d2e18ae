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
export const findClosedPath = (path: string): ClosedPath | undefined => {
  for (let current = path; ; current = dirname(current)) {
    try {
      const { uid, mode } = statSync(current)
      return { path: current, uid, mode: mode & 0o7777 }
    } catch (thrown) {
      const target = systemErrorCode(thrown) === 'EACCES' ? readLinkTarget(current) : undefined
      if (target !== undefined) return findClosedPath(target)
      if (current === dirname(current)) return undefined
    }
  }
}

/** The target of a symbolic link; undefined: not a link, or not visible. */
const readLinkTarget = (path: string): string | undefined => {
  try {
    return resolve(dirname(path), readlinkSync(path))
  } catch {
    return undefined
  }
}
