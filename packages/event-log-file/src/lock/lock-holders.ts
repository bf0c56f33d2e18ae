import { readdirSync, readFileSync } from 'node:fs'
import type { LockHolder } from '@claimlog/event-log'
import type { OpenFile } from '../disk/log-file.ts'

/** A line of Linux's list of locks: `1: FLOCK  ADVISORY  WRITE 708 fe:00:1234 0 EOF`. Waiters have an arrow instead. */
const heldLockPattern = /^\d+: FLOCK +\S+ +\S+ +(\d+) [0-9a-f]+:[0-9a-f]+:(\d+) /gm

/** The process that holds an exclusive `flock` on an open file, if the system lists its locks (Linux). */
export const findLockHolder = (file: OpenFile): number | undefined => {
  try {
    return findHolderByInode(file.identity().ino)
  } catch {
    // Not Linux, or not readable here: then no process is named.
    return undefined
  }
}

const findHolderByInode = (ino: number): number | undefined => {
  for (const [, pid, lockedIno] of readFileSync('/proc/locks', 'utf8').matchAll(heldLockPattern))
    if (Number(lockedIno) === ino) return Number(pid)
  return undefined
}

/** A longer list would not help the reader of an error message. */
const holdersMax = 20

/** Records which processes have a lock while this process waits for it. */
export type HolderHistory = {
  /** Records the process that has the lock of `file` now. */
  readonly record: (file: OpenFile) => void
  /** The processes that had it, in the order in which they were first seen. */
  readonly list: () => ReadonlyArray<LockHolder>
}

export const holderHistory = (): HolderHistory => {
  const holders = new Map<number, LockHolder>()
  return {
    record: file => {
      try {
        const { ino } = file.identity()
        const pid = findHolderByInode(ino)
        if (pid === undefined || holders.has(pid) || holders.size >= holdersMax) return
        holders.set(pid, { pid, command: readCommand(pid), readsOnly: isOpenForReadingOnly(pid, ino) })
      } catch {
        // As above.
      }
    },
    list: () => [...holders.values()],
  }
}

/** The name of the program; undefined: the system does not say, or the process has ended. */
const readCommand = (pid: number): string | undefined => {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() || undefined
  } catch {
    return undefined
  }
}

/**
 * True if the process has the locked file open for reading only; undefined: another user's process, or it has ended.
 */
const isOpenForReadingOnly = (pid: number, ino: number): boolean | undefined => {
  try {
    for (const fd of readdirSync(`/proc/${pid}/fdinfo`)) {
      const info = readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8')
      if (!new RegExp(`^lock:.* FLOCK .*:${ino} `, 'm').test(info)) continue
      const flags = /^flags:\s+([0-7]+)$/m.exec(info)?.[1]
      return flags === undefined ? undefined : (parseInt(flags, 8) & 3) === 0
    }
  } catch {
    // As above.
  }
  return undefined
}
