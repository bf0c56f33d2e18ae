import type { LifeCycle, LogWatch } from '@claimlog/event-log'
import type { Disk, FileIdentity } from '../disk/disk.ts'
import { type PollIntervals, watchFile } from './file-watch.ts'
import { readFully, withOpenFile } from '../disk/log-file.ts'

/** Long if the system notifies of changes: a waiting process must cost next to nothing. */
const defaultPollIntervals: PollIntervals = { notifiedMs: 2000, unnotifiedMs: 250 }

/**
 * Watches the log at `path`, whichever file has that name: for appends, and for a file that replaces it, even one of
 * the same length.
 */
export const watchLog = (disk: Disk, path: string, life: LifeCycle, pollIntervals = defaultPollIntervals): LogWatch => {
  const watch = watchFile(path, pollIntervals)
  let previous = inspectFile(disk, path)
  let isClosed = false
  const close = (): void => {
    isClosed = true
    unsubscribe()
    watch.close()
  }
  let unsubscribe = (): void => undefined
  unsubscribe = life.onClosing(close)
  return {
    next: async signal => {
      while (!signal.aborted && !isClosed) {
        const isNotified = await watch.next(signal)
        const current = inspectFile(disk, path)
        if (isSame(current, previous)) continue
        if (!isNotified) watch.noteMissedChange()
        if (!isSameFile(current, previous)) watch.noteReplacement()
        previous = current
        return
      }
    },
    close,
  }
}

/** A file, and its last bytes, which contain a hash over all its lines. */
type WatchedFile = (FileIdentity & { readonly ending: string }) | 'none'

/** A line ends with its hash; an unfinished line then differs in more than its length. */
const endingBytes = 64

/** A file that cannot be checked is reported by the next reader. */
const inspectFile = (disk: Disk, path: string): WatchedFile => {
  try {
    const identity = disk.stat(path)
    return identity === undefined ? 'none' : { ...identity, ending: readEnding(disk, path, identity) }
  } catch {
    return 'none'
  }
}

const readEnding = (disk: Disk, path: string, { regular, size }: FileIdentity): string => {
  if (!regular) return ''
  try {
    return withOpenFile(disk, path, 'read', file =>
      readFully(file, Buffer.allocUnsafe(Math.min(size, endingBytes)), Math.max(0, size - endingBytes)).toString(
        'latin1',
      ),
    )
  } catch {
    return ''
  }
}

const isSame = (a: WatchedFile, b: WatchedFile): boolean =>
  a === 'none' || b === 'none' ? a === b : isSameFile(a, b) && a.size === b.size && a.ending === b.ending

const isSameFile = (a: WatchedFile, b: WatchedFile): boolean =>
  a !== 'none' && b !== 'none' && a.ino === b.ino && a.dev === b.dev
