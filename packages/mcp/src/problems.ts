import {
  type Failure,
  failureWordsForAgents,
  type Refusal,
  refusalWordsForAgents,
} from '@claimlog/client/unstable-internals'
import type { Problem } from './mcp-options.ts'

/** Of what explains that nothing is ready, what an agent can use; the message counts the rest. */
const ofUse = ({ error, data }: Problem): Problem['data'] =>
  error === 'no_ready_task' || error === 'wait_timeout' ? { next_at: data?.['next_at'] } : data

const wordsOf = (no: Refusal | Failure | Problem): Problem => {
  if ('failure' in no) return failureWordsForAgents(no)
  return 'hint' in no ? no : refusalWordsForAgents(no)
}

/** A refusal or a failure in words for an agent, with what it can do next. */
export const problemOf = (no: Refusal | Failure | Problem): Problem => {
  const words = wordsOf(no)
  return { ...words, data: ofUse(words) }
}

/** Whether an agent is to take it for an answer: it asked for work, and there is none. */
export const isNoError = ({ error }: Problem): boolean => error === 'no_ready_task' || error === 'wait_timeout'
