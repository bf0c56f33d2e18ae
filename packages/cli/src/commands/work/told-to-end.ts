/** The reason why a worker stops: a signal, a second or urgent one, or a stream that cannot be written. */
export type EndCause =
  | NodeJS.Signals
  | 'at once'
  | { readonly unwritable: 'stdout' | 'stderr'; readonly code: string | undefined; readonly detail: string }

/** The signals that stop a worker, and their cause. */
export type Told = {
  readonly stop: AbortSignal
  readonly stopNow: AbortSignal
  /** The cause that stopped it; undefined if it is running. */
  readonly by: () => EndCause | undefined
  /** Reports that a stream cannot be written, so the output of commands would be lost. */
  readonly unwritable: (stream: 'stdout' | 'stderr', thrown: NodeJS.ErrnoException) => void
}

/**
 * The first SIGINT or SIGTERM stops the worker after its running commands, the second stops those too. So does losing the
 * terminal or the reader of the output. If stderr cannot be written for any other reason, only the message is lost.
 */
export const untilTold = (running: () => number, say: (text: string) => void): Told => {
  const [stop, stopNow] = [new AbortController(), new AbortController()]
  let by: EndCause | undefined
  const told = (signal: NodeJS.Signals): void => {
    if (by === undefined && signal !== 'SIGHUP') {
      by = signal
      stop.abort()
      if (running() > 0)
        say('claimlog: claiming no more tasks; interrupt again to stop the running ones and release them\n')
      return
    }
    if (typeof by !== 'object') by = 'at once'
    stopNow.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, told)
  return {
    stop: stop.signal,
    stopNow: stopNow.signal,
    by: () => by,
    unwritable: (stream, { code, message }) => {
      if (stopNow.signal.aborted || (stream === 'stderr' && code !== 'EPIPE')) return
      by = { unwritable: stream, code, detail: message }
      stopNow.abort()
    },
  }
}
