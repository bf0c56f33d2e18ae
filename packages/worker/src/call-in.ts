/** Node's timers fire at once for a longer delay. */
const longestTimerMs = 2 ** 31 - 1

/** Calls `onTimeout` after `ms` milliseconds, of any length. */
export const callIn = (ms: number, late: () => void): { readonly cancel: () => void } => {
  let timer: NodeJS.Timeout | undefined
  const wait = (leftMs: number): void => {
    const nextMs = Math.min(leftMs, longestTimerMs)
    timer = setTimeout(() => (leftMs > nextMs ? wait(leftMs - nextMs) : late()), nextMs)
  }
  wait(ms)
  return { cancel: () => clearTimeout(timer) }
}
