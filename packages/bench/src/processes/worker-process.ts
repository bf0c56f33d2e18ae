/**
 * One of several workers that run as fast as they can: `node worker-process.js CONTENDER SYNCING NAME`. It opens one
 * requested queue after another, and returns the work it did in each phase.
 */
import { openClaimlog } from '../contenders/claimlog.ts'
import type { Contender, ContenderName, OpenContender, Syncing } from '../contenders/contender.ts'
import { openSqlite } from '../contenders/sqlite.ts'
import { answerQuestions } from './processes.ts'
import type { Shift, Work } from '../measure/shift.ts'

/** A request to a worker process. The response to `open` comes once the queue is open and its state is read. */
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
