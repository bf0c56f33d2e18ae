import { accessSync } from 'node:fs'

/** Why this user may not use `path` in the ways that `mode` says, as the system's code (`EACCES`); undefined: they may. */
export const mayNot = (path: string, mode: number): string | undefined => {
  try {
    accessSync(path, mode)
    return undefined
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code ?? 'unknown'
  }
}
