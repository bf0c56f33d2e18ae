import type * as T from 'fp-ts/lib/Task.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Kind, LocalQueue, WorkerName, Words } from '@claimlog/client/unstable-internals'

/** Whatever stands in the way of a call, in words. */
export type Problem = Words<string>

/** Whom a server works for. */
export type Worker = {
  readonly worker: WorkerName
  /** No other live agent has that name: live claims under it are this agent's, from before it was started anew. */
  readonly isAlone: boolean
}

/** How agents are served. */
export type McpOptions = {
  /** Opens the queue; asked again with each call until there is one, so that it may be made while agents are served. */
  readonly open: TE.TaskEither<Problem, LocalQueue>
  /** Who claims in the queue, for a client that calls itself so. */
  readonly identify: (queue: LocalQueue, client: string | undefined) => T.Task<Worker>
  /** The only kinds whose tasks are handed out; none named: any. */
  readonly kinds: ReadonlyArray<Kind>
  /** Whether tasks may be looked at and nothing else. */
  readonly readOnly: boolean
  /** How long a claim lasts between two renewals; undefined: as the task or the workspace says. */
  readonly leaseMs: number | null | undefined
  /** For so long a claim is renewed, counted from when it was made or last renewed by the agent. */
  readonly maxHoldMs: number
  /** Whoever adds tasks, as the log names them; undefined: the worker. */
  readonly by: string | undefined
  /** Said with every answer that a power cut may take back. */
  readonly durability: 'os' | undefined
  /** The version of claimlog. */
  readonly version: string
}
