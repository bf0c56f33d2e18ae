import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as T from 'fp-ts/lib/Task.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Kind, LocalQueue, WorkerName } from '@claimlog/client/unstable-internals'
import { type AgentClaims, createAgentClaims } from './agent-claims.ts'
import type { McpOptions, ToolError, AgentIdentity } from './mcp-options.ts'

/** The context of a tool call: the queue, the agent and its claims. */
export type ToolContext = {
  readonly queue: LocalQueue
  readonly claims: AgentClaims
  readonly worker: WorkerName
  /** True if all live claims under the worker's name belong to this agent. */
  readonly isAlone: boolean
  readonly kinds: ReadonlyArray<Kind>
  readonly leaseMs: number | null | undefined
  /** The author of added tasks. */
  readonly by: string
}

/** The session of one agent: its name, its queue and its claims. */
export type AgentSession = {
  /** The context of the client with this name. Left: the queue cannot be opened yet. The first call fixes the name. */
  readonly context: (clientName: string | undefined) => TE.TaskEither<ToolError, ToolContext>
  /** The queue. Left: it cannot be opened yet. */
  readonly queue: TE.TaskEither<ToolError, LocalQueue>
  /** Closes the queue. The claims stay until their leases expire. */
  readonly close: T.Task<void>
}

/** An open queue, and the agent's claims in it. */
type OpenQueue = Pick<ToolContext, 'queue' | 'claims'>

/** Creates a session. `onOpen` is called once, when the queue is open. */
export const agentSession = (options: McpOptions, onOpen: (queue: LocalQueue) => void): AgentSession => {
  const queueOperation = retryUntilSuccess(() =>
    pipe(
      options.open,
      TE.tapIO(queue => () => onOpen(queue)),
      TE.map((queue): OpenQueue => ({ queue, claims: createAgentClaims(queue, options) })),
    ),
  )
  const identifyOperation = retryUntilSuccess((openQueue: OpenQueue, client: string | undefined) =>
    pipe(
      TE.fromTask<AgentIdentity, ToolError>(options.identify(openQueue.queue, client)),
      TE.tapTask(worker => adoptClaims(openQueue, worker)),
    ),
  )
  const createContext =
    (client: string | undefined) =>
    (openQueue: OpenQueue): TE.TaskEither<ToolError, ToolContext> =>
      pipe(
        identifyOperation.get(openQueue, client),
        TE.map(identity => toContext(options, openQueue, identity)),
      )
  return {
    queue: pipe(
      queueOperation.get(),
      TE.map(({ queue }) => queue),
    ),
    context: client => pipe(queueOperation.get(), TE.chain(createContext(client))),
    close: async () => {
      const result = await queueOperation.current()
      if (result !== undefined && E.isRight(result)) await closeQueue(result.right)
    },
  }
}

const toContext = ({ kinds, leaseMs, by }: McpOptions, openQueue: OpenQueue, identity: AgentIdentity): ToolContext => ({
  ...openQueue,
  ...identity,
  kinds,
  leaseMs,
  by: by ?? identity.worker,
})

/** Gives a restarted agent the claims of its name. A read error is reported by the first call instead. */
const adoptClaims =
  ({ queue, claims }: OpenQueue, { worker, isAlone }: AgentIdentity): T.Task<void> =>
  async () => {
    if (isAlone) await queue.query((state, now) => claims.adopt(worker, state, now))()
  }

const closeQueue = async ({ queue, claims }: OpenQueue): Promise<void> => {
  claims.close()
  await queue.close()
}

/** An operation that is retried until it succeeds; the result is cached from then on. */
type RetriedOperation<Args extends ReadonlyArray<unknown>, L, A> = {
  readonly get: (...args: Args) => TE.TaskEither<L, A>
  /** The cached or pending result, if any. */
  readonly current: T.Task<E.Either<L, A> | undefined>
}

/** Runs one operation at a time. It is also retried if it throws, for example because too many files are open. */
const retryUntilSuccess = <Args extends ReadonlyArray<unknown>, L, A>(
  operation: (...args: Args) => TE.TaskEither<L, A>,
): RetriedOperation<Args, L, A> => {
  let cached: Promise<E.Either<L, A>> | undefined
  const clearCache = (): void => {
    cached = undefined
  }
  const runOperation = async (args: Args): Promise<E.Either<L, A>> => {
    const result = await operation(...args)().catch((thrown: unknown) => {
      clearCache()
      throw thrown
    })
    if (E.isLeft(result)) clearCache()
    return result
  }
  return {
    get:
      (...args) =>
      () =>
        (cached ??= runOperation(args)),
    current: async () => cached,
  }
}
