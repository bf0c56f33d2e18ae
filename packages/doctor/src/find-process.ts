import { readdirSync, readFileSync } from 'node:fs'

/** A process as `/proc` shows it. */
export type ProcessInfo = {
  readonly pid: number
  /** The command line, cut to one line of text; undefined if it is not visible. */
  readonly command: string | undefined
  /** `running`, `sleeping`, `stopped`, `disk sleep`, `zombie` …; undefined if it is not visible. */
  readonly state: string | undefined
}

const commandLengthMax = 100

const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Reads the process with this pid; undefined if there is none, or if the system has no `/proc` (not Linux). */
export const findProcess = (pid: number): ProcessInfo | undefined => {
  const status = readText(`/proc/${pid}/status`)
  if (status === undefined) return undefined
  const state = /^State:\s+\S+ \((.*)\)$/m.exec(status)?.[1]
  const commandLine = (readText(`/proc/${pid}/cmdline`) ?? '').split('\0').join(' ').trim()
  const commandText = commandLine.length > commandLengthMax ? `${commandLine.slice(0, commandLengthMax)}…` : commandLine
  return { pid, command: commandText === '' ? undefined : commandText, state }
}

/**
 * Finds a process that holds the lock on the file `ino`. It need not be the one that took it: a child of the holder
 * shares the lock. Searches all processes that this user may inspect.
 */
export const findLockHolder = (ino: number): ProcessInfo | undefined => {
  const lock = new RegExp(`^lock:.* FLOCK .*:${ino} `, 'm')
  for (const pid of listNames('/proc').filter(name => /^\d+$/.test(name)))
    for (const fd of listNames(`/proc/${pid}/fdinfo`))
      if (lock.test(readText(`/proc/${pid}/fdinfo/${fd}`) ?? '')) return findProcess(Number(pid))
  return undefined
}

const listNames = (dir: string): ReadonlyArray<string> => {
  try {
    return readdirSync(dir)
  } catch {
    return []
  }
}
