import { type Event, type Kind, type KindRules, kindRules } from '@claimlog/domain'
import type { Copies } from './compare-logs.ts'

/** What only the other copy says of a kind, and is not so here. `seq`: of that event there. */
export type RuleLeftOut = { readonly seq: number; readonly kind: Kind; readonly by?: string } & (
  | { readonly event: 'paused' | 'resumed'; readonly reason?: string }
  | { readonly event: 'limited'; readonly limit: number | null }
)

type RuleEvent = Extract<Event, { readonly event: RuleLeftOut['event'] }>

/**
 * The rules of kinds that only the other copy has, the last of each kind, and that do not hold here. They are orders to the
 * workers of that copy, of then: a pause brought over would stop those of this one, and a limit or its end be taken for the
 * word of whoever runs them. So they are told, and left to a person.
 */
export const rulesLeftOut = ({ ours, theirs }: Copies): ReadonlyArray<RuleLeftOut> => {
  const last = new Map<string, RuleEvent>()
  for (const event of theirs.tail)
    if (isRule(event)) last.set(`${event.event === 'limited' ? 'limit' : 'pause'} ${event.kind}`, event)
  return [...last.values()]
    .filter(event => !isSo(event, kindRules(ours.state, event.kind)))
    .sort((a, b) => a.seq - b.seq)
    .map(leftOut)
}

const isRule = (event: Event): event is RuleEvent =>
  event.event === 'paused' || event.event === 'resumed' || event.event === 'limited'

const isSo = (event: RuleEvent, { paused, limit }: KindRules): boolean => {
  switch (event.event) {
    case 'paused':
      return paused !== undefined
    case 'resumed':
      return paused === undefined
    case 'limited':
      return (limit?.claims ?? null) === event.limit
  }
}

const leftOut = (event: RuleEvent): RuleLeftOut => {
  const { seq, kind, by } = event
  const given = { seq, kind, ...(by === undefined ? {} : { by }) }
  if (event.event === 'limited') return { ...given, event: event.event, limit: event.limit }
  return { ...given, event: event.event, ...(event.reason === undefined ? {} : { reason: event.reason }) }
}
