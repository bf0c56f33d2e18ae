/**
 * When a process that takes the lock again and again steps aside for the others.
 *
 * ```
 *   burst: command command command … ──burstMs──► nap ──► wait for the lock like everybody ──► burst
 * ```
 *
 * Whoever runs commands back to back holds the lock for nearly all of the time, so that others who ask now and then hardly
 * ever find it free. Changing hands with every command is no better: each would then read one line of another's at a time,
 * and wait for it. So commands come in bursts, and after one of them the process leaves the lock alone for a moment.
 */
export type HandOver = {
  /** Whether the lock is to be left to others for a moment before it is taken again. */
  readonly isDue: () => boolean
  /** Others have written, or have the lock. */
  readonly metOthers: () => void
  /** The lock was left to others: what comes now is a new burst. */
  readonly begin: () => void
}

/** Short, as all the others wait for it: eight processes come round in a few milliseconds. */
const burstMs = 1
/** Others who were not met for so long are gone, and nobody need be stepped aside for. */
const rememberedMs = 100

export const handOverOf = (monotonicMs: () => number): HandOver => {
  let metAt = Number.NEGATIVE_INFINITY
  let begunAt = 0
  return {
    isDue: () => {
      if (metAt === Number.NEGATIVE_INFINITY) return false
      const now = monotonicMs()
      if (now - metAt > rememberedMs) metAt = Number.NEGATIVE_INFINITY
      return metAt !== Number.NEGATIVE_INFINITY && now - begunAt > burstMs
    },
    metOthers: () => {
      metAt = monotonicMs()
    },
    begin: () => {
      begunAt = monotonicMs()
    },
  }
}
