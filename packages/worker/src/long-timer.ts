/** Node's timers fire at once for a longer delay. */
const timerMsMax = 2 ** 31 - 1

/** Calls `onTimeout` after `ms` milliseconds, of any length. */
export const startTimer = (ms: number, onTimeout: () => void): { readonly cancel: () => void } => {
  let timer: NodeJS.Timeout | undefined
  const startNext = (remainingMs: number): void => {
    const nextMs = Math.min(remainingMs, timerMsMax)
    timer = setTimeout(() => (remainingMs > nextMs ? startNext(remainingMs - nextMs) : onTimeout()), nextMs)
  }
  startNext(ms)
  return { cancel: () => clearTimeout(timer) }
}
