import type { Check } from '@claimlog/wire'

/** What a check came to: a sentence, what to do next where all is not well, and what explains it as data. */
export type Finding = Omit<Check, 'name'>

/** One of several things that can be amiss in one place. */
export type Flaw = { readonly state: 'warning' | 'wrong'; readonly message: string; readonly mend: string }

/** A check that was not made, and why. */
export const skipped = (reason: string): Finding => ({ state: 'skipped', message: `not checked: ${reason}` })

/** All flaws of one place in one finding, the worst giving its state; `fine` where there is none. */
export const findingOf = (fine: string, flaws: ReadonlyArray<Flaw>): Finding => {
  if (flaws.length === 0) return { state: 'ok', message: fine }
  return {
    state: flaws.some(({ state }) => state === 'wrong') ? 'wrong' : 'warning',
    message: flaws.map(({ message }) => message).join('; '),
    mend: flaws.map(({ mend }) => mend).join('; '),
  }
}
