import {
  type Failure,
  failureMessageForAgents,
  type Refusal,
  refusalMessageForAgents,
} from '@claimlog/client/unstable-internals'
import type { ToolError } from './mcp-options.ts'

/** Keeps only the data that agents can use; if nothing is ready, the message has the counts. */
const usefulData = ({ error, data }: ToolError): ToolError['data'] =>
  error === 'no_ready_task' || error === 'wait_timeout' ? { nextAt: data?.['nextAt'] } : data

const toMessage = (error: Refusal | Failure | ToolError): ToolError => {
  if ('failure' in error) return failureMessageForAgents(error)
  return 'hint' in error ? error : refusalMessageForAgents(error)
}

/** Formats a refusal or a failure for an agent, with a hint about what to do next. */
export const toToolError = (error: Refusal | Failure | ToolError): ToolError => {
  const message = toMessage(error)
  return { ...message, data: usefulData(message) }
}

/** True if it is not an error for an agent: there is no work. */
export const isEmptyQueue = ({ error }: ToolError): boolean => error === 'no_ready_task' || error === 'wait_timeout'
