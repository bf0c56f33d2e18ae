import * as E from 'fp-ts/lib/Either.js'
import { type McpServer, ProtocolError, ProtocolErrorCode, ResourceTemplate } from '@modelcontextprotocol/server'
import { printable, printableJson, taskIdsWith } from '@claimlog/domain'
import type { AgentSession } from '../agent-session.ts'
import { problemOf } from '../problems.ts'
import { statusUri, taskUri, taskUriTemplate, taskIdIn } from './uris.ts'
import { statusOf } from './status-of.ts'

/** The resources that a client of the protocol before 2026-07-28 wants to hear of. The newer one's are kept by the library. */
export type Subscriptions = Set<string>

const mimeType = 'application/json'
const mostSuggested = 50

/** Adds the status and the tasks to what `server` can be read for. */
export const registerResources = (server: McpServer, session: AgentSession, subscriptions: Subscriptions): void => {
  const about = { mimeType, description: 'How many tasks stand where, and who holds what' }
  server.registerResource('status', statusUri, about, async () => {
    const workspace = await session.workspace()
    if (E.isLeft(workspace)) throw unreadable(workspace.left)
    const seen = await workspace.right.read(statusOf)()
    if (E.isLeft(seen)) throw unreadable(seen.left)
    return { contents: [{ uri: statusUri, mimeType, text: printableJson(seen.right) }] }
  })

  const template = new ResourceTemplate(taskUriTemplate, {
    // There may be a million; list_tasks has pages.
    list: undefined,
    complete: { task_id: value => idsWith(session, value) },
  })
  const ofTask = { mimeType, description: 'All that is known of a task' }
  server.registerResource('task', template, ofTask, async (_uri, { task_id: named }) => {
    const taskId = taskIdIn(named)
    const workspace = await session.workspace()
    if (E.isLeft(workspace)) throw unreadable(workspace.left)
    const shown = await workspace.right.show(taskId)()
    if (E.isLeft(shown)) throw unreadable(shown.left)
    return { contents: [{ uri: taskUri(taskId), mimeType, text: printableJson(shown.right) }] }
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

const idsWith = async (session: AgentSession, prefix: string): Promise<Array<string>> => {
  const workspace = await session.workspace()
  if (E.isLeft(workspace)) return []
  const seen = await workspace.right.read(state => taskIdsWith(state, prefix, mostSuggested))()
  // An id that cannot be seen as it is cannot be offered: escaped, it would be another one.
  return E.isLeft(seen) ? [] : seen.right.filter(id => printable(id) === id)
}

const unreadable = (no: Parameters<typeof problemOf>[0]): ProtocolError => {
  const { error, message, hint } = problemOf(no)
  const code = error === 'unknown_task' ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError
  return new ProtocolError(code, printable(`${message}; ${hint}`), { error })
}
