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
import { problemOf } from '../problems.ts'
import { statusUri, taskUri, taskUriTemplate, taskIdIn } from './uris.ts'
import { statusOf } from './status-of.ts'

/** Subscribed resources of clients before protocol version 2026-07-28. The SDK keeps those of newer clients. */
export type Subscriptions = Set<string>

const mimeType = 'application/json'
const mostSuggested = 50

/** Registers the resources for the status and for tasks. */
export const registerResources = (server: McpServer, session: AgentSession, subscriptions: Subscriptions): void => {
  const about = { mimeType, description: 'Task counts by status, and claims' }
  server.registerResource('status', statusUri, about, () =>
    pipe(
      session.queue,
      TE.chainW(queue => queue.query(statusOf)),
      TE.map(contentsAt(statusUri)),
      TE.getOrElse(throwUnreadable),
    )(),
  )

  const template = new ResourceTemplate(taskUriTemplate, {
    // There may be a million tasks; list_tasks has pages.
    list: undefined,
    complete: { task_id: value => idsWith(session, value) },
  })
  const ofTask = { mimeType, description: 'All details of a task' }
  server.registerResource('task', template, ofTask, (_uri, { task_id: named }) => {
    const taskId = taskIdIn(named)
    return pipe(
      session.queue,
      TE.chainW(queue => queue.show(taskId)),
      TE.map(contentsAt(taskUri(taskId))),
      TE.getOrElse(throwUnreadable),
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

const contentsAt =
  (uri: string) =>
  (document: object): ReadResourceResult => ({ contents: [{ uri, mimeType, text: toPrintableJson(document) }] })

/** The SDK expects errors to be thrown. */
const throwUnreadable = (no: Parameters<typeof problemOf>[0]): never => {
  throw unreadable(no)
}

const idsWith = (session: AgentSession, prefix: string): Promise<Array<string>> =>
  pipe(
    session.queue,
    TE.chainW(queue => queue.query(state => taskIdsByPrefix(state, prefix, mostSuggested))),
    // An id with unprintable characters is not suggested: escaped, it would be a different id.
    TE.map(ids => ids.filter(id => toPrintable(id) === id)),
    TE.getOrElse(() => T.of<Array<string>>([])),
  )()

const unreadable = (no: Parameters<typeof problemOf>[0]): ProtocolError => {
  const { error, message, hint } = problemOf(no)
  const code = error === 'unknown_task' ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError
  return new ProtocolError(code, toPrintable(`${message}; ${hint}`), { error })
}
