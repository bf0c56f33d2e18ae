import type * as E from 'fp-ts/lib/Either.js'
import type { Words } from '@claimlog/messages'
import type { Workspace } from '@claimlog/workspace'
import type { Kind, WorkerName } from '@claimlog/domain'

/** Whatever stands in the way of a workspace, in words. */
export type Problem = Words<string>

/** Whom a server works for. */
export type Worker = {
  readonly worker: WorkerName
  /** No other live agent has that name: live claims under it are this agent's, from before it was started anew. */
  readonly isAlone: boolean
}

/** How agents are served. */
export type McpOptions = {
  /** Opens the workspace; asked again with each call until there is one, so that it may be made while agents are served. */
  readonly open: () => Promise<E.Either<Problem, Workspace>>
  /** Who claims in the workspace, for a client that calls itself so. */
  readonly identify: (workspace: Workspace, client: string | undefined) => Promise<Worker>
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
