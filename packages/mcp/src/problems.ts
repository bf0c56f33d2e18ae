import { type Failure, failureWords, refusalWords } from '@claimlog/messages'
import type { Refusal } from '@claimlog/domain'
import type { Problem } from './mcp-options.ts'

/** What an agent does next, where the command line's hint would send it to a command that is a tool here. */
const hints: Readonly<Partial<Record<string, string>>> = {
  no_workspace: 'run claimlog init in the project and call again; or have the server started with --dir DIR',
  bad_input: 'mend the arguments and call again; nothing was changed',
  no_ready_task: 'claim_task with wait_s waits for one; list_tasks shows where the tasks stand',
  wait_timeout: 'call again to wait on; list_tasks shows where the tasks stand',
  unknown_task: 'list_tasks shows what there is; add_tasks makes a new one',
  task_exists: 'trace_task shows the one that is there; give the new task another id',
  task_finished: 'trace_task tells its history; claim_task takes another one',
  task_held: 'a person put it aside; claim_task takes another one',
  task_blocked: 'it can be claimed once its needs are done; claim_task without task_id takes one that is ready',
  attempts_used_up: 'trace_task tells what happened; claim_task takes another one',
  kind_paused: 'a person paused this kind; claim tasks of another one, or ask again later',
  not_claimed: 'claim_task with task_id takes it',
  not_holder: 'trace_task tells who has it; list_tasks tells your name and what you hold',
  lease_lost: 'drop the work on it; claim_task takes another one',
  lock_timeout: 'call again; nothing was changed',
  interrupted: 'call again; nothing was changed',
}

/** Of what explains that nothing is ready, what an agent can use; the message counts the rest. */
const ofUse = ({ error, data }: Problem): Problem['data'] =>
  error === 'no_ready_task' || error === 'wait_timeout' ? { next_at: data?.['next_at'] } : data

/** Whether there is nothing to claim of a kind that is spelt almost like one that there is. */
const asksMisspelt = (no: Refusal | Failure): boolean => {
  const refusal = 'failure' in no && no.failure === 'WaitTimeout' ? no.still : no
  if (!('error' in refusal) || refusal.error !== 'no_ready_task') return false
  return refusal.waiting.unknown?.some(({ nearest }) => nearest !== undefined) === true
}

/** A refusal or a failure in words for an agent, with what it can do next. */
export const problemOf = (no: Refusal | Failure | Problem): Problem => {
  const words: Problem = 'failure' in no ? failureWords(no) : 'hint' in no ? no : refusalWords(no)
  const isOwn = 'hint' in no || asksMisspelt(no)
  return { ...words, hint: isOwn ? words.hint : (hints[words.error] ?? words.hint), data: ofUse(words) }
}

/** Whether an agent is to take it for an answer: it asked for work, and there is none. */
export const isNoError = ({ error }: Problem): boolean => error === 'no_ready_task' || error === 'wait_timeout'
