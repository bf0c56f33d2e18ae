/**
 * One of several processes that work as fast as they can: `node worker-process.js CONTENDER SYNCING NAME`. It opens the
 * queues that it is told to, one after another, and answers each shift with the work it did.
 */
import { openClaimlog } from '../contenders/claimlog.ts'
import type { Contender, ContenderName, OpenContender, Syncing } from '../contenders/contender.ts'
import { openSqlite } from '../contenders/sqlite.ts'
import { answerQuestions } from './processes.ts'
import type { Shift, Work } from '../measure/shift.ts'

/** What a worker's process is asked to do. It has opened a queue when it answers, and knows what is in it. */
export type WorkerQuestion =
  | { readonly ask: 'open'; readonly dir: string }
  | { readonly ask: 'work'; readonly shift: Shift }
  | { readonly ask: 'close' }

const [, , name = '', syncing = '', worker = ''] = process.argv
const opening: Readonly<Record<ContenderName, OpenContender>> = { claimlog: openClaimlog, sqlite: openSqlite }
const open = opening[name as ContenderName]
let contender: Contender | undefined

answerQuestions(async (question: WorkerQuestion): Promise<Work | 'done'> => {
  if (question.ask === 'open') contender = await open(question.dir, syncing as Syncing, worker)
  else if (contender === undefined) throw new Error('no queue is open')
  else if (question.ask === 'work') return contender.work(question.shift)
  else await contender.close()
  return 'done'
})
