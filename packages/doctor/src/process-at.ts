import { readdirSync, readFileSync } from 'node:fs'

/** A process as the system shows it. */
export type SeenProcess = {
  readonly pid: number
  /** Its command line, as far as a line of reading goes; undefined where it is not to be seen. */
  readonly command: string | undefined
  /** What it is doing: `running`, `sleeping`, `stopped`, `disk sleep`, `zombie`; undefined where it is not to be seen. */
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

/** The process of this pid; undefined: there is none, or the system does not show its processes (it is not Linux). */
export const processAt = (pid: number): SeenProcess | undefined => {
  const status = textOf(`/proc/${pid}/status`)
  if (status === undefined) return undefined
  const state = /^State:\s+\S+ \((.*)\)$/m.exec(status)?.[1]
  const words = (textOf(`/proc/${pid}/cmdline`) ?? '').split('\0').join(' ').trim()
  const shown = words.length > longestCommand ? `${words.slice(0, longestCommand)}…` : words
  return { pid, command: shown === '' ? undefined : shown, state }
}

/**
 * A process that has the lock of the file `ino` open, whoever took it: one that is started by a holder has it too. Looks
 * through all processes that this user may look into.
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
