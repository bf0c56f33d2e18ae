import type { ClaimedTask } from '@claimlog/worker'
import type { Desk } from './agent-session.ts'
import type { Answer } from './answer.ts'

/** Holds a task that was claimed just now, and answers with it; `head`: what is said before. `as`: see {@link Answer}. */
export const handedOut = (
  { claims }: Desk,
  claimed: ClaimedTask,
  seq: number,
  head: Answer['head'] = {},
  as?: string,
): Answer => {
  claims.take(claimed)
  return { head, handed: { ...claimed, ...(as === undefined ? {} : { as }) }, seq }
}
