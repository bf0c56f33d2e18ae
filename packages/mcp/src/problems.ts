import {
  type Failure,
  failureMessageForAgents,
  type Refusal,
  refusalMessageForAgents,
} from '@claimlog/client/unstable-internals'
import type { Problem } from './mcp-options.ts'

/** Keeps only the data that agents can use; if nothing is ready, the message has the counts. */
const ofUse = ({ error, data }: Problem): Problem['data'] =>
  error === 'no_ready_task' || error === 'wait_timeout' ? { next_at: data?.['next_at'] } : data

const wordsOf = (no: Refusal | Failure | Problem): Problem => {
  if ('failure' in no) return failureMessageForAgents(no)
  return 'hint' in no ? no : refusalMessageForAgents(no)
}

/** Formats a refusal or a failure for an agent, with a hint about what to do next. */
export const problemOf = (no: Refusal | Failure | Problem): Problem => {
  const words = wordsOf(no)
  return { ...words, data: ofUse(words) }
}

/** True if it is not an error for an agent: there is no work. */
export const isNoError = ({ error }: Problem): boolean => error === 'no_ready_task' || error === 'wait_timeout'
