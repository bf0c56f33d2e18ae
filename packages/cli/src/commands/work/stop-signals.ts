/** The reason why a worker stops: a signal, a second or urgent one, or a stream that cannot be written. */
export type StopCause =
  | NodeJS.Signals
  | 'at once'
  | { readonly unwritable: 'stdout' | 'stderr'; readonly code: string | undefined; readonly detail: string }

/** The signals that stop a worker, and their cause. */
export type StopSignals = {
  readonly stop: AbortSignal
  readonly stopNow: AbortSignal
  /** The cause that stopped it; undefined if it is running. */
  readonly cause: () => StopCause | undefined
  /** Reports that a stream cannot be written, so the output of commands would be lost. */
  readonly reportWriteError: (stream: 'stdout' | 'stderr', thrown: NodeJS.ErrnoException) => void
}

/**
 * The first SIGINT or SIGTERM stops the worker after its running commands, the second stops those too. So does losing the
 * terminal or the reader of the output. If stderr cannot be written for any other reason, only the message is lost.
 */
export const listenForStop = (countRunning: () => number, report: (text: string) => void): StopSignals => {
  const [stop, stopNow] = [new AbortController(), new AbortController()]
  let cause: StopCause | undefined
  const onSignal = (signal: NodeJS.Signals): void => {
    if (cause === undefined && signal !== 'SIGHUP') {
      cause = signal
      stop.abort()
      if (countRunning() > 0)
        report('claimlog: claiming no more tasks; interrupt again to stop the running ones and release them\n')
      return
    }
    if (typeof cause !== 'object') cause = 'at once'
    stopNow.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  return {
    stop: stop.signal,
    stopNow: stopNow.signal,
    cause: () => cause,
    reportWriteError: (stream, { code, message }) => {
      if (stopNow.signal.aborted || (stream === 'stderr' && code !== 'EPIPE')) return
      cause = { unwritable: stream, code, detail: message }
      stopNow.abort()
    },
  }
}
