type Effect = { readonly what: string; readonly apply: () => void; readonly withNext: boolean }

/** The calls that a process has made and that have yet to happen, one by one. */
export type Effects = {
  /** `withNext`: nothing comes between this call and the next. */
  readonly issue: (what: string, apply: () => void, withNext?: boolean) => void
  readonly areDue: () => boolean
  readonly issued: () => number
  /** Resolves once the first `calls` have happened; never where they do not. */
  readonly happened: (calls: number) => Promise<void>
  readonly letOut: () => void
  /** None of those that are due happens any more. */
  readonly drop: () => void
}

/** `note` is told of what happens, `emptied` whenever nothing is due any more. */
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
    // It may have been the end of the process.
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
