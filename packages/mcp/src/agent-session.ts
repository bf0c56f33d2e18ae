import * as E from 'fp-ts/lib/Either.js'
import type { Workspace } from '@claimlog/workspace'
import type { Kind, WorkerName } from '@claimlog/domain'
import { type HeldClaims, heldClaims } from './held-claims.ts'
import type { McpOptions, Problem, Worker } from './mcp-options.ts'

/** What a call of a tool works on once there is a workspace. */
export type Desk = {
  readonly workspace: Workspace
  readonly claims: HeldClaims
  readonly worker: WorkerName
  /** Whether live claims under the worker's name are this agent's, whoever made them. */
  readonly isAlone: boolean
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

/** A workspace, and what the agent holds in it. */
type Opened = Pick<Desk, 'workspace' | 'claims'>

/** `opened` is told once, when the workspace is there. */
export const agentSession = (options: McpOptions, opened: (workspace: Workspace) => void): AgentSession => {
  let opening: Promise<E.Either<Problem, Opened>> | undefined
  let identifying: Promise<Worker> | undefined
  const open = async (): Promise<E.Either<Problem, Opened>> => {
    const there = await options.open()
    if (E.isLeft(there)) {
      opening = undefined
      return there
    }
    opened(there.right)
    return E.right({ workspace: there.right, claims: heldClaims(there.right, options) })
  }
  // What throws, as there are too few files left, is tried again by the next call.
  const reach = (): Promise<E.Either<Problem, Opened>> =>
    (opening ??= open().catch((thrown: unknown) => {
      opening = undefined
      throw thrown
    }))
  const identify = async ({ workspace, claims }: Opened, client: string | undefined): Promise<Worker> => {
    const known = await options.identify(workspace, client)
    if (known.isAlone) await workspace.read((state, now) => claims.adopt(known.worker, state, now))()
    return known
  }
  return {
    workspace: async () => {
      const there = await reach()
      return E.isLeft(there) ? there : E.right(there.right.workspace)
    },
    desk: async client => {
      const there = await reach()
      if (E.isLeft(there)) return there
      identifying ??= identify(there.right, client).catch((thrown: unknown) => {
        identifying = undefined
        throw thrown
      })
      const known = await identifying
      const { kinds, leaseMs, by = known.worker } = options
      return E.right({ ...there.right, ...known, kinds, leaseMs, by })
    },
    close: async () => {
      const there = await opening
      if (there === undefined || E.isLeft(there)) return
      there.right.claims.close()
      await there.right.workspace.close()
    },
  }
}
