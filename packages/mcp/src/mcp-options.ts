import type * as T from 'fp-ts/lib/Task.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Kind, LocalQueue, WorkerName, ErrorMessage } from '@claimlog/client/unstable-internals'

/** An error of a call, with message and hint. */
export type ToolError = ErrorMessage<string>

/** The worker of a server. */
export type AgentIdentity = {
  readonly worker: WorkerName
  /** True if no other live agent has the name, so that live claims under it are this agent's, from before a restart. */
  readonly isAlone: boolean
}

/** The options of {@link serveMcp}. */
export type McpOptions = {
  /** Opens the queue. Retried with each call, so that the queue may be created while the server runs. */
  readonly open: TE.TaskEither<ToolError, LocalQueue>
  /** Chooses the worker name for a client with this name. */
  readonly identify: (queue: LocalQueue, client: string | undefined) => T.Task<AgentIdentity>
  /** Only tasks of these kinds are handed out; empty: any kind. */
  readonly kinds: ReadonlyArray<Kind>
  /** True if the server has only the read-only tools. */
  readonly readOnly: boolean
  /** The lease; undefined: that of the task or the workspace. */
  readonly leaseMs: number | null | undefined
  /** The time for which the server renews a claim, from the last claim or renewal by the agent. */
  readonly renewMsMax: number
  /** The author of added tasks, recorded in the log; undefined: the worker. */
  readonly by: string | undefined
  /** Added to every answer whose write a power cut may revert. */
  readonly durability: 'os' | undefined
  /** The version of claimlog. */
  readonly version: string
}
