import type { Event } from '@claimlog/domain'
import type { Copies } from './compare-logs.ts'

/** A token that both copies granted, with its claims: systems that use fencing tokens must be checked. */
export type TwiceGiven = { readonly token: number; readonly here: Given; readonly there: Given }
type Given = { readonly worker: string; readonly taskId: string }

export const tokensGivenTwice = ({ ours, theirs }: Copies): ReadonlyArray<TwiceGiven> => {
  const here = givenIn(ours.tail)
  return [...givenIn(theirs.tail)].flatMap(([token, there]): ReadonlyArray<TwiceGiven> => {
    const given = here.get(token)
    return given === undefined ? [] : [{ token, here: given, there }]
  })
}

const givenIn = (events: ReadonlyArray<Event>): ReadonlyMap<number, Given> =>
  new Map(events.flatMap(event => (event.event === 'claimed' ? [[event.seq, event] as const] : [])))
