type PendingEffect = { readonly what: string; readonly apply: () => void; readonly withNext: boolean }

/** System calls that a process has made and whose effects are applied to the machine later, one by one. */
export type PendingEffects = {
  /** `withNext`: no other process runs between this call and the next. */
  readonly issue: (what: string, apply: () => void, withNext?: boolean) => void
  readonly hasPending: () => boolean
  readonly countIssued: () => number
  /** Resolves once the first `calls` have been applied; never if they are dropped. */
  readonly waitUntilApplied: (calls: number) => Promise<void>
  readonly applyNext: () => void
  /** Discards all pending calls. */
  readonly drop: () => void
}

/** `note` is called for each applied effect, `onEmpty` when no effect is pending any more. */
export const createPendingEffects = (note: (what: string) => void, onEmpty: () => void): PendingEffects => {
  let pending: Array<PendingEffect> = []
  let waiting: Array<{ readonly calls: number; readonly resolve: () => void }> = []
  let issuedCount = 0
  let appliedCount = 0
  let dropped = false

  const applyOne = (): PendingEffect | undefined => {
    const effect = pending.shift()
    if (effect === undefined) return undefined
    note(effect.what)
    appliedCount += 1
    effect.apply()
    // The effect may have killed the process.
    if (dropped) return undefined
    if (pending.length === 0) onEmpty()
    for (const { calls, resolve } of waiting) if (calls <= appliedCount) resolve()
    waiting = waiting.filter(({ calls }) => calls > appliedCount)
    return effect
  }

  return {
    issue: (what, apply, withNext = false) => {
      issuedCount += 1
      pending.push({ what, apply, withNext })
    },
    hasPending: () => pending.length > 0,
    countIssued: () => issuedCount,
    waitUntilApplied: calls =>
      calls <= appliedCount ? Promise.resolve() : new Promise(resolve => waiting.push({ calls, resolve })),
    applyNext: () => {
      while (applyOne()?.withNext === true);
    },
    drop: () => {
      dropped = true
      pending = []
    },
  }
}
