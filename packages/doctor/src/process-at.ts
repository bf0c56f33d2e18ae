import { readdirSync, readFileSync } from 'node:fs'

/** A process as `/proc` shows it. */
export type SeenProcess = {
  readonly pid: number
  /** The command line, cut to one line of text; undefined if it is not visible. */
  readonly command: string | undefined
  /** `running`, `sleeping`, `stopped`, `disk sleep`, `zombie` …; undefined if it is not visible. */
  readonly state: string | undefined
}

const longestCommand = 100

const textOf = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Reads the process with this pid; undefined if there is none, or if the system has no `/proc` (not Linux). */
export const processAt = (pid: number): SeenProcess | undefined => {
  const status = textOf(`/proc/${pid}/status`)
  if (status === undefined) return undefined
  const state = /^State:\s+\S+ \((.*)\)$/m.exec(status)?.[1]
  const words = (textOf(`/proc/${pid}/cmdline`) ?? '').split('\0').join(' ').trim()
  const shown = words.length > longestCommand ? `${words.slice(0, longestCommand)}…` : words
  return { pid, command: shown === '' ? undefined : shown, state }
}

/**
 * Finds a process that holds the lock on the file `ino`. It need not be the one that took it: a child of the holder
 * shares the lock. Searches all processes that this user may inspect.
 */
export const processWithLock = (ino: number): SeenProcess | undefined => {
  const lock = new RegExp(`^lock:.* FLOCK .*:${ino} `, 'm')
  for (const pid of namesIn('/proc').filter(name => /^\d+$/.test(name)))
    for (const fd of namesIn(`/proc/${pid}/fdinfo`))
      if (lock.test(textOf(`/proc/${pid}/fdinfo/${fd}`) ?? '')) return processAt(Number(pid))
  return undefined
}

const namesIn = (dir: string): ReadonlyArray<string> => {
  try {
    return readdirSync(dir)
  } catch {
    return []
  }
}
