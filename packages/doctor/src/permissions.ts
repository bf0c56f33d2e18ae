import { accessSync } from 'node:fs'

/** Permissions as `chmod` takes them: `0644`. */
export const octal = (mode: number): string => `0${(mode & 0o7777).toString(8).padStart(3, '0')}`

const writableByAll = 0o002
const sticky = 0o1000

/** Whether everybody on the machine may write it. */
export const isWorldWritable = (mode: number): boolean => (mode & writableByAll) !== 0

/** Whether in a directory everybody may move and remove only what is their own. */
export const isSticky = (mode: number): boolean => (mode & sticky) !== 0

/** Who runs this; undefined where the system has no such numbers. */
export const ownUid = (): number | undefined => process.getuid?.()

/** Why this user may not use `path` in the ways that `mode` says, as the system's code (`EACCES`); undefined: they may. */
export const mayNot = (path: string, mode: number): string | undefined => {
  try {
    accessSync(path, mode)
    return undefined
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code ?? 'unknown'
  }
}
