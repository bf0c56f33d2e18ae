import { type FSWatcher, watch } from 'node:fs'

/** Tells when a file may have changed. */
export type FileWatch = {
  /** Resolves at the first change since the last call, or after `pollMs` at the latest, or when `signal` aborts. */
  readonly next: (pollMs: number, signal: AbortSignal) => Promise<void>
  readonly close: () => void
}

/** Watches by the system's notification; where there is none, `next` is a plain poll. */
export const watchFile = (path: string): FileWatch => {
  let changed = false
  let wake: (() => void) | undefined
  const notice = (): void => {
    changed = true
    wake?.()
  }
  const watcher = tryWatch(path, notice)

  return {
    next: (pollMs, signal) =>
      new Promise(resolve => {
        const done = (): void => {
          clearTimeout(timer)
          signal.removeEventListener('abort', done)
          wake = undefined
          changed = false
          resolve()
        }
        const timer = setTimeout(done, pollMs)
        signal.addEventListener('abort', done)
        wake = done
        if (changed || signal.aborted) done()
      }),
    close: () => watcher?.close(),
  }
}

const tryWatch = (path: string, notice: () => void): FSWatcher | undefined => {
  try {
    const watcher = watch(path, notice)
    // A watch that breaks later (the file was replaced, the system ran out of watches) leaves the poll.
    watcher.on('error', () => watcher.close())
    return watcher
  } catch {
    return undefined
  }
}
