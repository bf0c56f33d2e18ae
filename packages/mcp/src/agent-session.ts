import * as crypto from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import type { Workspace } from '@claimlog/coordinator/workspace'
import type { Kind, WorkerName } from '@claimlog/domain'
import { type HeldClaims, heldClaims } from './held-claims.ts'
import type { McpOptions, Problem } from './mcp-options.ts'

/** What a call of a tool works on once there is a workspace. */
export type Desk = {
  readonly workspace: Workspace
  readonly claims: HeldClaims
  readonly worker: WorkerName
  readonly kinds: ReadonlyArray<Kind>
  readonly leaseMs: number | null | undefined
  /** Who adds tasks. */
  readonly by: string
}

/** One agent at one server: its name, its workspace and what it holds. */
export type AgentSession = {
  /** The desk of the client that is called so, or why there is none yet. Its name stays what it was at the first call. */
  readonly desk: (clientName: string | undefined) => Promise<E.Either<Problem, Desk>>
  /** The workspace where there is one. */
  readonly workspace: () => Promise<E.Either<Problem, Workspace>>
  /** Lets go of everything but the claims: those stay until their leases end. */
  readonly close: () => Promise<void>
}

/** `opened` is told once, when the workspace is there. */
export const agentSession = (options: McpOptions, opened: (workspace: Workspace) => void): AgentSession => {
  let opening: Promise<E.Either<Problem, Workspace>> | undefined
  let claims: HeldClaims | undefined
  let worker = options.worker

  const open = async (): Promise<E.Either<Problem, Workspace>> => {
    const there = await options.open()
    if (E.isLeft(there)) opening = undefined
    else {
      claims = heldClaims(there.right, options)
      opened(there.right)
    }
    return there
  }
  const workspace = (): Promise<E.Either<Problem, Workspace>> => (opening ??= open())

  return {
    workspace,
    desk: async clientName => {
      const there = await workspace()
      if (E.isLeft(there)) return there
      if (claims === undefined) throw new Error('a workspace was opened, and nothing can be held in it')
      worker ??= workerNameOf(clientName)
      const { kinds, leaseMs, by = worker } = options
      return E.right({ workspace: there.right, claims, worker, kinds, leaseMs, by })
    },
    close: async () => {
      claims?.close()
      const there = await opening
      if (there !== undefined && E.isRight(there)) await there.right.close()
    },
  }
}

/** The part of a client's name that a worker's is made of; a history is easier to read where it is short. */
const longestClientName = 40

/** A name of its own for each server, as two sessions of one agent are two workers. */
const workerNameOf = (clientName = ''): WorkerName => {
  const name = clientName
    .replaceAll(/[^!-~]+/g, '-')
    .slice(0, longestClientName)
    .replaceAll(/^-+|-+$/g, '')
  return `${name === '' ? 'agent' : name}-${crypto.randomBytes(2).toString('hex')}`
}
