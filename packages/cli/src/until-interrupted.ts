/**
 * An abort signal for SIGINT, SIGTERM and SIGHUP, so that a waiting command can end in an orderly way. Calls `told` for
 * every signal, also after the first.
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
