import type { Event } from '@claimlog/domain'
import type { Copies } from './compare-logs.ts'

/** A token that both copies granted, with its claims: systems that use fencing tokens must be checked. */
export type DuplicateToken = { readonly token: number; readonly local: TokenHolder; readonly remote: TokenHolder }
type TokenHolder = { readonly worker: string; readonly taskId: string }

export const findDuplicateTokens = ({ local, remote }: Copies): ReadonlyArray<DuplicateToken> => {
  const localHolders = readTokenHolders(local.tail)
  return [...readTokenHolders(remote.tail)].flatMap(([token, remoteHolder]): ReadonlyArray<DuplicateToken> => {
    const localHolder = localHolders.get(token)
    return localHolder === undefined ? [] : [{ token, local: localHolder, remote: remoteHolder }]
  })
}

const readTokenHolders = (events: ReadonlyArray<Event>): ReadonlyMap<number, TokenHolder> =>
  new Map(events.flatMap(event => (event.event === 'claimed' ? [[event.seq, event] as const] : [])))
