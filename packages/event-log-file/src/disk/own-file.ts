import type { Disk } from './disk.ts'

/** A name for a file of ours, and whether it is there. */
export type OwnFile = { readonly path: string; readonly isThere: boolean }

const mostNames = 100

/**
 * The first of `path`, `path.1`, `path.2` … that is free or a regular file. A directory, a link, a pipe, a socket or a
 * device with one of these names is somebody else's: it is neither opened nor removed, and stops nobody. Throws as the
 * disk does.
 */
export const ownFile = (disk: Disk, path: string): OwnFile => {
  for (let n = 0; n < mostNames; n += 1) {
    const name = n === 0 ? path : `${path}.${n}`
    const there = disk.stat(name)
    if (there === undefined || there.regular) return { path: name, isThere: there !== undefined }
  }
  throw Object.assign(new Error(`EEXIST: no name is free for ${path}`), { code: 'EEXIST' })
}
