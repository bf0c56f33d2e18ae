import { accessSync } from 'node:fs'

/** Formats permissions as `chmod` takes them: `0644`. */
export const formatMode = (mode: number): string => `0${(mode & 0o7777).toString(8).padStart(3, '0')}`

const worldWritableBit = 0o002
const stickyBit = 0o1000

/** True if every user on the machine may write it. */
export const isWorldWritable = (mode: number): boolean => (mode & worldWritableBit) !== 0

/** True if users may move and remove only their own files in a directory (the sticky bit). */
export const isSticky = (mode: number): boolean => (mode & stickyBit) !== 0

/** The uid of this process; undefined if the system has no uids. */
export const processUid = (): number | undefined => process.getuid?.()

/** Returns the error code (`EACCES`) if this user may not access `path` with `mode`; undefined if access is allowed. */
export const accessError = (path: string, mode: number): string | undefined => {
  try {
    accessSync(path, mode)
    return undefined
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code ?? 'unknown'
  }
}
