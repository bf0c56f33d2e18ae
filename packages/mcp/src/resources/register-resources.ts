import { pipe } from 'fp-ts/lib/function.js'
import * as T from 'fp-ts/lib/Task.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  ResourceTemplate,
} from '@modelcontextprotocol/server'
import { toPrintable, toPrintableJson, taskIdsByPrefix } from '@claimlog/client/unstable-internals'
import type { AgentSession } from '../agent-session.ts'
import { toToolError } from '../tool-errors.ts'
import { statusUri, taskUri, taskUriTemplate, decodeTaskId } from './uris.ts'
import { readAgentStatus } from './agent-status.ts'

/** Subscribed resources of clients before protocol version 2026-07-28. The SDK keeps those of newer clients. */
export type Subscriptions = Set<string>

const mimeType = 'application/json'
const suggestionsMax = 50

/** Registers the resources for the status and for tasks. */
export const registerResources = (server: McpServer, session: AgentSession, subscriptions: Subscriptions): void => {
  const statusInfo = { mimeType, description: 'Task counts by status, and claims' }
  server.registerResource('status', statusUri, statusInfo, () =>
    pipe(
      session.queue,
      TE.chainW(queue => queue.query(readAgentStatus)),
      TE.map(toContents(statusUri)),
      TE.getOrElse(throwProtocolError),
    )(),
  )

  const template = new ResourceTemplate(taskUriTemplate, {
    // There may be a million tasks; list_tasks has pages.
    list: undefined,
    complete: { task_id: value => suggestIds(session, value) },
  })
  const taskInfo = { mimeType, description: 'All details of a task' }
  server.registerResource('task', template, taskInfo, (_uri, { task_id: variable }) => {
    const taskId = decodeTaskId(variable)
    return pipe(
      session.queue,
      TE.chainW(queue => queue.show(taskId)),
      TE.map(toContents(taskUri(taskId))),
      TE.getOrElse(throwProtocolError),
    )()
  })

  server.server.setRequestHandler('resources/subscribe', ({ params }) => {
    subscriptions.add(params.uri)
    return {}
  })
  server.server.setRequestHandler('resources/unsubscribe', ({ params }) => {
    subscriptions.delete(params.uri)
    return {}
  })
}

const toContents =
  (uri: string) =>
  (document: object): ReadResourceResult => ({ contents: [{ uri, mimeType, text: toPrintableJson(document) }] })

/** The SDK expects errors to be thrown. */
const throwProtocolError = (failure: Parameters<typeof toToolError>[0]): never => {
  throw toProtocolError(failure)
}

const suggestIds = (session: AgentSession, prefix: string): Promise<Array<string>> =>
  pipe(
    session.queue,
    TE.chainW(queue => queue.query(state => taskIdsByPrefix(state, prefix, suggestionsMax))),
    // An id with unprintable characters is not suggested: escaped, it would be a different id.
    TE.map(ids => ids.filter(id => toPrintable(id) === id)),
    TE.getOrElse(() => T.of<Array<string>>([])),
  )()

const toProtocolError = (failure: Parameters<typeof toToolError>[0]): ProtocolError => {
  const { error, message, hint } = toToolError(failure)
  const code = error === 'unknown_task' ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError
  return new ProtocolError(code, toPrintable(`${message}; ${hint}`), { error })
}
