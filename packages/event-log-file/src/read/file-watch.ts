import { type FSWatcher, watch } from 'node:fs'

/** The longest time between two polls: if the system notifies of changes, and if it does not. */
export type LookAgain = { readonly toldMs: number; readonly untoldMs: number }

/** Waits for changes of a file. */
export type FileWatch = {
  /**
   * Resolves at the first change since the last call, or when the next poll is due, or when `signal` aborts; true if
   * the system notified of a change.
   */
  readonly next: (signal: AbortSignal) => Promise<boolean>
  /** To be called if the file had changed without a notification. */
  readonly missed: () => void
  /**
   * To be called if another file has the name now: while the old one is still open elsewhere, the system may not
   * notify.
   */
  readonly replaced: () => void
  /** Ends the watch, and any pending `next`. */
  readonly close: () => void
}

/**
 * Watches the file at `path` through the system's notifications. Those miss changes by other machines on a network file
 * system, and changes through some container mounts, without an error. After a missed change the file is polled as if
 * there were no notifications, until one arrives.
 */
export const watchFile = (path: string, { toldMs, untoldMs }: LookAgain): FileWatch => {
  let watcher: FSWatcher | undefined
  let believed = true
  let changed = false
  let wake: (() => void) | undefined
  let isClosed = false

  const unwatch = (): void => {
    watcher?.close()
    watcher = undefined
  }
  const notice = (what: string): void => {
    believed = true
    changed = true
    // The watch is on a file, and the path may name another now.
    if (what === 'rename') unwatch()
    wake?.()
  }
  const watchAnew = (): boolean => {
    // If the watch breaks later (the system ran out of them), polling remains.
    watcher = tryWatch(path, notice)?.on('error', unwatch)
    return watcher !== undefined
  }
  watchAnew()

  return {
    next: signal =>
      new Promise(resolve => {
        // The system does not report changes from before the watch.
        if (watcher === undefined && !isClosed && watchAnew()) changed = true
        const told = (): void => done(true)
        const aborted = (): void => done(false)
        const done = (isTold: boolean): void => {
          if (wake !== told) return
          wake = undefined
          changed = false
          clearTimeout(timer)
          signal.removeEventListener('abort', aborted)
          resolve(isTold)
        }
        wake = told
        // One turn of the event loop later: a process that was suspended gets its notifications after its timers.
        const late = (): unknown => setImmediate(() => done(false))
        const timer = setTimeout(late, watcher !== undefined && believed ? toldMs : untoldMs)
        signal.addEventListener('abort', aborted)
        if (changed || isClosed) told()
        else if (signal.aborted) aborted()
      }),
    missed: () => {
      believed = false
      unwatch()
    },
    replaced: unwatch,
    close: () => {
      isClosed = true
      unwatch()
      wake?.()
    },
  }
}

const tryWatch = (path: string, notice: (what: string) => void): FSWatcher | undefined => {
  try {
    return watch(path, notice)
  } catch {
    return undefined
  }
}
