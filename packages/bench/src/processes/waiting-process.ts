/**
 * One of several processes at a queue: `node waiting-process.js CONTENDER DIR NAME POLL_MS`. On request it begins to
 * wait for work, or adds a task.
 */
import { openClaimlogWaiter } from '../contenders/claimlog-waiter.ts'
import type { ContenderName } from '../contenders/contender.ts'
import { openSqliteWaiter } from '../contenders/sqlite-waiter.ts'
import type { AddTiming, OpenWaitingContender, ClaimTiming } from '../contenders/waiting-contender.ts'
import { serveRequests } from './measured-process.ts'

/** A request to such a process. */
export type WaitingRequest =
  { readonly action: 'wait' } | { readonly action: 'add'; readonly n: number } | { readonly action: 'timings' }

const [, , contender = '', dir = '', name = '', pollMs = ''] = process.argv
const openers: Readonly<Record<ContenderName, OpenWaitingContender>> = {
  claimlog: openClaimlogWaiter,
  sqlite: openSqliteWaiter,
}
const waitingContender = await openers[contender as ContenderName](dir, name, Number(pollMs))

serveRequests(async (request: WaitingRequest): Promise<AddTiming | ReadonlyArray<ClaimTiming> | 'waiting'> => {
  switch (request.action) {
    case 'wait':
      waitingContender.wait()
      return 'waiting'
    case 'add':
      return waitingContender.add(request.n)
    case 'timings':
      return waitingContender.takeTimings()
  }
})
