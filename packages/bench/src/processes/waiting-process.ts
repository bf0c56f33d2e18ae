/**
 * One of several processes at a queue: `node waiting-process.js CONTENDER DIR NAME POLL_MS`. On request it begins to
 * wait for work, or adds a task.
 */
import { openClaimlogWaiting } from '../contenders/claimlog-waiting.ts'
import type { ContenderName } from '../contenders/contender.ts'
import { openSqliteWaiting } from '../contenders/sqlite-waiting.ts'
import type { Added, OpenWaitingContender, Taken } from '../contenders/waiting-contender.ts'
import { answerQuestions } from './processes.ts'

/** A request to such a process. */
export type WaitingQuestion =
  { readonly ask: 'wait' } | { readonly ask: 'add'; readonly n: number } | { readonly ask: 'taken' }

const [, , contender = '', dir = '', name = '', pollMs = ''] = process.argv
const opening: Readonly<Record<ContenderName, OpenWaitingContender>> = {
  claimlog: openClaimlogWaiting,
  sqlite: openSqliteWaiting,
}
const member = await opening[contender as ContenderName](dir, name, Number(pollMs))

answerQuestions(async (question: WaitingQuestion): Promise<Added | ReadonlyArray<Taken> | 'waiting'> => {
  switch (question.ask) {
    case 'wait':
      member.wait()
      return 'waiting'
    case 'add':
      return member.add(question.n)
    case 'taken':
      return member.taken()
  }
})
