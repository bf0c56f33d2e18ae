import { type Event, type Kind, type KindRules, kindRules } from '@claimlog/domain'
import type { Copies } from './compare-logs.ts'

/** A rule of a kind that only the other copy has, and that is not in effect here. `seq`: of its event there. */
export type UnmergedRule = { readonly seq: number; readonly kind: Kind; readonly by?: string } & (
  | { readonly event: 'paused' | 'resumed'; readonly reason?: string }
  | { readonly event: 'limited'; readonly limit: number | null }
)

type RuleEvent = Extract<Event, { readonly event: UnmergedRule['event'] }>

/**
 * Returns the rules of kinds that only the other copy has, the last per kind, and that are not in effect here. They are
 * commands to the workers of that copy at that time: a merged pause would stop the workers here, and a merged limit
 * would look like a decision of the people who run them. So they are listed, and left to a person.
 */
export const findUnmergedRules = ({ local, remote }: Copies): ReadonlyArray<UnmergedRule> => {
  const last = new Map<string, RuleEvent>()
  for (const event of remote.tail)
    if (isRule(event)) last.set(`${event.event === 'limited' ? 'limit' : 'pause'} ${event.kind}`, event)
  return [...last.values()]
    .filter(event => !isInEffect(event, kindRules(local.state, event.kind)))
    .sort((a, b) => a.seq - b.seq)
    .map(toUnmergedRule)
}

const isRule = (event: Event): event is RuleEvent =>
  event.event === 'paused' || event.event === 'resumed' || event.event === 'limited'

const isInEffect = (event: RuleEvent, { paused, limit }: KindRules): boolean => {
  switch (event.event) {
    case 'paused':
      return paused !== undefined
    case 'resumed':
      return paused === undefined
    case 'limited':
      return (limit?.claims ?? null) === event.limit
  }
}

const toUnmergedRule = (event: RuleEvent): UnmergedRule => {
  const { seq, kind, by } = event
  const fields = { seq, kind, ...(by === undefined ? {} : { by }) }
  if (event.event === 'limited') return { ...fields, event: event.event, limit: event.limit }
  return { ...fields, event: event.event, ...(event.reason === undefined ? {} : { reason: event.reason }) }
}
