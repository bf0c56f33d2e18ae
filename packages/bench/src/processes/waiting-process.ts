/**
 * One of several processes at a queue: `node waiting-process.js CONTENDER PLACE NAME POLL_MS`. On request it begins to
 * wait for work, or adds a task.
 */
import { openClaimlogWaiter } from '../contenders/claimlog-waiter.ts'
import { openSqliteWaiter } from '../contenders/sqlite-waiter.ts'
import type {
  AddTiming,
  ClaimTiming,
  OpenWaitingContender,
  WaitingContenderName,
} from '../contenders/waiting-contender.ts'
import { serveRequests } from './measured-process.ts'

/** A request to such a process. */
export type WaitingRequest =
  { readonly action: 'wait' } | { readonly action: 'add'; readonly n: number } | { readonly action: 'timings' }

const [, , contender = '', place = '', name = '', pollMs = ''] = process.argv
const openers: Readonly<Record<WaitingContenderName, OpenWaitingContender>> = {
  claimlog: openClaimlogWaiter,
  sqlite: openSqliteWaiter,
}
const waitingContender = await openers[contender as WaitingContenderName](place, name, Number(pollMs))

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
