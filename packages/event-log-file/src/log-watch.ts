import type { LifeCycle, LogWatch } from '@claimlog/event-log'
import type { Disk, FileIdentity } from './disk.ts'
import { type LookAgain, watchFile } from './file-watch.ts'

/** Seldom where the system tells of changes: who waits and has nothing to read must cost next to nothing. */
const seldom: LookAgain = { toldMs: 2000, untoldMs: 250 }

/** Watches the log at `path`, whatever file has that name. `lookAgain`: how seldom one looks unasked. */
export const watchLog = (disk: Disk, path: string, life: LifeCycle, lookAgain = seldom): LogWatch => {
  const watch = watchFile(path, lookAgain)
  let seen = lookAt(disk, path)
  let isClosed = false
  const close = (): void => {
    isClosed = true
    unlisten()
    watch.close()
  }
  let unlisten = (): void => undefined
  unlisten = life.onClosing(close)
  return {
    next: async signal => {
      while (!signal.aborted && !isClosed) {
        const told = await watch.next(signal)
        const now = lookAt(disk, path)
        if (isSame(now, seen)) continue
        if (!told) watch.missed()
        seen = now
        return
      }
    },
    close,
  }
}

type Seen = FileIdentity | 'none'

/** A file that cannot be looked at is for whoever reads it next to complain of. */
const lookAt = (disk: Disk, path: string): Seen => {
  try {
    return disk.stat(path) ?? 'none'
  } catch {
    return 'none'
  }
}

const isSame = (a: Seen, b: Seen): boolean =>
  a === 'none' || b === 'none' ? a === b : a.ino === b.ino && a.dev === b.dev && a.size === b.size
