import type { Check } from '@claimlog/wire'

/** The result of a check: a sentence, a hint (`mend`) if something is wrong, and the details as data. */
export type Finding = Omit<Check, 'name'>

/** One of several problems that a check can find. */
export type Flaw = { readonly state: 'warning' | 'wrong'; readonly message: string; readonly mend: string }

/** Builds the finding of a check that was skipped. */
export const skipped = (reason: string): Finding => ({ state: 'skipped', message: `not checked: ${reason}` })

/** Combines problems into one finding with the state of the worst; `okMessage` is the message if there are none. */
export const findingOf = (fine: string, flaws: ReadonlyArray<Flaw>): Finding => {
  if (flaws.length === 0) return { state: 'ok', message: fine }
  return {
    state: flaws.some(({ state }) => state === 'wrong') ? 'wrong' : 'warning',
    message: flaws.map(({ message }) => message).join('; '),
    mend: flaws.map(({ mend }) => mend).join('; '),
  }
}
