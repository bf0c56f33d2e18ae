/**
 * A signal that aborts at SIGINT, SIGTERM and SIGHUP, for a command that waits: it then has the time to end as it should.
 * `told` hears of each signal, of the first and of those that follow.
 */
export const untilInterrupted = (told: (signal: NodeJS.Signals) => void = () => undefined): AbortSignal => {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      told(signal)
      stop.abort(signal)
    })
  return stop.signal
}
