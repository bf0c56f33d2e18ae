type Effect = { readonly what: string; readonly apply: () => void; readonly withNext: boolean }

/** System calls that a process has made and whose effects are applied to the machine later, one by one. */
export type Effects = {
  /** `withNext`: no other process runs between this call and the next. */
  readonly issue: (what: string, apply: () => void, withNext?: boolean) => void
  readonly areDue: () => boolean
  readonly issued: () => number
  /** Resolves once the first `calls` have been applied; never if they are dropped. */
  readonly happened: (calls: number) => Promise<void>
  readonly letOut: () => void
  /** Discards all pending calls. */
  readonly drop: () => void
}

/** `note` is called for each applied effect, `emptied` when no effect is pending any more. */
export const effectsOf = (note: (what: string) => void, emptied: () => void): Effects => {
  let due: Array<Effect> = []
  let waiting: Array<{ readonly calls: number; readonly resolve: () => void }> = []
  let issued = 0
  let happened = 0
  let dropped = false

  const letOutOne = (): Effect | undefined => {
    const effect = due.shift()
    if (effect === undefined) return undefined
    note(effect.what)
    happened += 1
    effect.apply()
    // The effect may have killed the process.
    if (dropped) return undefined
    if (due.length === 0) emptied()
    for (const { calls, resolve } of waiting) if (calls <= happened) resolve()
    waiting = waiting.filter(({ calls }) => calls > happened)
    return effect
  }

  return {
    issue: (what, apply, withNext = false) => {
      issued += 1
      due.push({ what, apply, withNext })
    },
    areDue: () => due.length > 0,
    issued: () => issued,
    happened: calls =>
      calls <= happened ? Promise.resolve() : new Promise(resolve => waiting.push({ calls, resolve })),
    letOut: () => {
      while (letOutOne()?.withNext === true);
    },
    drop: () => {
      dropped = true
      due = []
    },
  }
}
