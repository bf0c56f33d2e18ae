/** What told a worker to end: a signal, two of them or one that leaves no time, or a stream that cannot be written. */
export type EndCause =
  | NodeJS.Signals
  | 'at once'
  | { readonly unwritable: 'stdout' | 'stderr'; readonly code: string | undefined; readonly detail: string }

/** How a worker is told to end. */
export type Told = {
  readonly stop: AbortSignal
  readonly stopNow: AbortSignal
  /** What told it to, first of all. */
  readonly by: () => EndCause | undefined
  /** A stream cannot be written: nobody hears any more what commands print. */
  readonly unwritable: (stream: 'stdout' | 'stderr', thrown: NodeJS.ErrnoException) => void
}

/**
 * The first SIGINT or SIGTERM ends the worker with its work, the second stops that; so does a terminal that goes away, or
 * a reader. A message that cannot be written for any other reason is lost, and takes nothing else with it.
 */
export const untilTold = (running: () => number, say: (text: string) => void): Told => {
  const [stop, stopNow] = [new AbortController(), new AbortController()]
  let by: EndCause | undefined
  const told = (signal: NodeJS.Signals): void => {
    if (by === undefined && signal !== 'SIGHUP') {
      by = signal
      stop.abort()
      if (running() > 0) say('claimlog: taking no more tasks; once more stops those that run, and gives them back\n')
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
