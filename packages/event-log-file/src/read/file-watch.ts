import { type FSWatcher, watch } from 'node:fs'

/** The longest time between two polls: if the system notifies of changes, and if it does not. */
export type PollIntervals = { readonly notifiedMs: number; readonly unnotifiedMs: number }

/** Waits for changes of a file. */
export type FileWatch = {
  /**
   * Resolves at the first change since the last call, or when the next poll is due, or when `signal` aborts; true if
   * the system notified of a change.
   */
  readonly next: (signal: AbortSignal) => Promise<boolean>
  /** To be called if the file had changed without a notification. */
  readonly noteMissedChange: () => void
  /**
   * To be called if another file has the name now: while the old one is still open elsewhere, the system may not
   * notify.
   */
  readonly noteReplacement: () => void
  /** Ends the watch, and any pending `next`. */
  readonly close: () => void
}

/**
 * Watches the file at `path` through the system's notifications. Those miss changes by other machines on a network file
 * system, and changes through some container mounts, without an error. After a missed change the file is polled as if
 * there were no notifications, until one arrives.
 */
export const watchFile = (path: string, { notifiedMs, unnotifiedMs }: PollIntervals): FileWatch => {
  let watcher: FSWatcher | undefined
  let isReliable = true
  let hasChanged = false
  let wake: (() => void) | undefined
  let isClosed = false

  const unwatch = (): void => {
    watcher?.close()
    watcher = undefined
  }
  const onNotification = (eventType: string): void => {
    isReliable = true
    hasChanged = true
    // The watch is on a file, and the path may name another now.
    if (eventType === 'rename') unwatch()
    wake?.()
  }
  const restartWatch = (): boolean => {
    // If the watch breaks later (the system ran out of them), polling remains.
    watcher = tryWatch(path, onNotification)?.on('error', unwatch)
    return watcher !== undefined
  }
  restartWatch()

  return {
    next: signal =>
      new Promise(resolve => {
        // The system does not report changes from before the watch.
        if (watcher === undefined && !isClosed && restartWatch()) hasChanged = true
        const onChange = (): void => finish(true)
        const onAbort = (): void => finish(false)
        const finish = (isNotified: boolean): void => {
          if (wake !== onChange) return
          wake = undefined
          hasChanged = false
          clearTimeout(timer)
          signal.removeEventListener('abort', onAbort)
          resolve(isNotified)
        }
        wake = onChange
        // One turn of the event loop later: a process that was suspended gets its notifications after its timers.
        const onTimeout = (): unknown => setImmediate(() => finish(false))
        const timer = setTimeout(onTimeout, watcher !== undefined && isReliable ? notifiedMs : unnotifiedMs)
        signal.addEventListener('abort', onAbort)
        if (hasChanged || isClosed) onChange()
        else if (signal.aborted) onAbort()
      }),
    noteMissedChange: () => {
      isReliable = false
      unwatch()
    },
    noteReplacement: unwatch,
    close: () => {
      isClosed = true
      unwatch()
      wake?.()
    },
  }
}

const tryWatch = (path: string, onNotification: (eventType: string) => void): FSWatcher | undefined => {
  try {
    return watch(path, onNotification)
  } catch {
    return undefined
  }
}
