import { type FSWatcher, watch } from 'node:fs'

/** How long it may be at most until one looks again: where the system tells of changes, and where it does not. */
export type LookAgain = { readonly toldMs: number; readonly untoldMs: number }

/** Tells when a file may have changed. */
export type FileWatch = {
  /**
   * Resolves at the first change since the last call, or once it is time to look again, or when `signal` aborts; true
   * where the system told of a change.
   */
  readonly next: (signal: AbortSignal) => Promise<boolean>
  /** To be called where something had changed and nobody told. */
  readonly missed: () => void
  /** To be called if another file has the name now: as long as the old one is open elsewhere, the system may not say so. */
  readonly replaced: () => void
  /** Ends the watch, and whoever waits for it. */
  readonly close: () => void
}

/**
 * Watches the file at `path` by the system's notification. That sees no change of another machine on a network's file
 * system, nor through some mounts of containers, and tells nobody so: after a change that it missed it is looked again
 * as where there is no notification, until one comes.
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
    // A watch that breaks later (the system ran out of them) leaves the poll.
    watcher = tryWatch(path, notice)?.on('error', unwatch)
    return watcher !== undefined
  }
  watchAnew()

  return {
    next: signal =>
      new Promise(resolve => {
        // What came before there was a watch, nobody will tell of.
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
        // A turn later: a process that stood still hears what it was told meanwhile after its timers.
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
