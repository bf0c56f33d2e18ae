import type { LifeCycle, LogWatch } from '@claimlog/event-log'
import type { Disk, FileIdentity } from '../disk/disk.ts'
import { type LookAgain, watchFile } from './file-watch.ts'
import { readWhole, withOpenFile } from '../disk/log-file.ts'

/** Long if the system notifies of changes: a waiting process must cost next to nothing. */
const seldom: LookAgain = { toldMs: 2000, untoldMs: 250 }

/**
 * Watches the log at `path`, whichever file has that name: for appends, and for a file that replaces it, even one of
 * the same length. `lookAgain`: the poll intervals.
 */
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
        if (!isSameFile(now, seen)) watch.replaced()
        seen = now
        return
      }
    },
    close,
  }
}

/** A file, and its last bytes, which contain a hash over all its lines. */
type Seen = (FileIdentity & { readonly ending: string }) | 'none'

/** A line ends with its hash; an unfinished line then differs in more than its length. */
const endingBytes = 64

/** A file that cannot be checked is reported by the next reader. */
const lookAt = (disk: Disk, path: string): Seen => {
  try {
    const named = disk.stat(path)
    return named === undefined ? 'none' : { ...named, ending: endingOf(disk, path, named) }
  } catch {
    return 'none'
  }
}

const endingOf = (disk: Disk, path: string, { regular, size }: FileIdentity): string => {
  if (!regular) return ''
  try {
    return withOpenFile(disk, path, 'read', file =>
      readWhole(file, Buffer.allocUnsafe(Math.min(size, endingBytes)), Math.max(0, size - endingBytes)).toString(
        'latin1',
      ),
    )
  } catch {
    return ''
  }
}

const isSame = (a: Seen, b: Seen): boolean =>
  a === 'none' || b === 'none' ? a === b : isSameFile(a, b) && a.size === b.size && a.ending === b.ending

const isSameFile = (a: Seen, b: Seen): boolean => a !== 'none' && b !== 'none' && a.ino === b.ino && a.dev === b.dev
