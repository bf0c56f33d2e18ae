/**
 * An abort signal for SIGINT, SIGTERM and SIGHUP, so that a waiting command can end in an orderly way. Calls `onSignal` for
 * every signal, also after the first.
 */
export const createInterruptSignal = (onSignal: (signal: NodeJS.Signals) => void = () => undefined): AbortSignal => {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      onSignal(signal)
      controller.abort(signal)
    })
  return controller.signal
}
