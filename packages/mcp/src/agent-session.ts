import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as T from 'fp-ts/lib/Task.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Kind, LocalQueue, WorkerName } from '@claimlog/client/unstable-internals'
import { type HeldClaims, heldClaims } from './held-claims.ts'
import type { McpOptions, Problem, Worker } from './mcp-options.ts'

/** The context of a tool call: the queue, the agent and its claims. */
export type Desk = {
  readonly queue: LocalQueue
  readonly claims: HeldClaims
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
  readonly desk: (clientName: string | undefined) => TE.TaskEither<Problem, Desk>
  /** The queue. Left: it cannot be opened yet. */
  readonly queue: TE.TaskEither<Problem, LocalQueue>
  /** Closes the queue. The claims stay until their leases expire. */
  readonly close: T.Task<void>
}

/** An open queue, and the agent's claims in it. */
type Opened = Pick<Desk, 'queue' | 'claims'>

/** Creates a session. `opened` is called once, when the queue is open. */
export const agentSession = (options: McpOptions, opened: (queue: LocalQueue) => void): AgentSession => {
  const opening = askedUntilThere(() =>
    pipe(
      options.open,
      TE.tapIO(queue => () => opened(queue)),
      TE.map((queue): Opened => ({ queue, claims: heldClaims(queue, options) })),
    ),
  )
  const identifying = askedUntilThere((at: Opened, client: string | undefined) =>
    pipe(
      TE.fromTask<Worker, Problem>(options.identify(at.queue, client)),
      TE.tapTask(worker => adoptClaims(at, worker)),
    ),
  )
  const deskFor =
    (client: string | undefined) =>
    (at: Opened): TE.TaskEither<Problem, Desk> =>
      pipe(
        identifying.ask(at, client),
        TE.map(known => deskOf(options, at, known)),
      )
  return {
    queue: pipe(
      opening.ask(),
      TE.map(({ queue }) => queue),
    ),
    desk: client => pipe(opening.ask(), TE.chain(deskFor(client))),
    close: async () => {
      const there = await opening.asked()
      if (there !== undefined && E.isRight(there)) await letGo(there.right)
    },
  }
}

const deskOf = ({ kinds, leaseMs, by }: McpOptions, at: Opened, known: Worker): Desk => ({
  ...at,
  ...known,
  kinds,
  leaseMs,
  by: by ?? known.worker,
})

/** Gives a restarted agent the claims of its name. A read error is reported by the first call instead. */
const adoptClaims =
  ({ queue, claims }: Opened, { worker, isAlone }: Worker): T.Task<void> =>
  async () => {
    if (isAlone) await queue.query((state, now) => claims.adopt(worker, state, now))()
  }

const letGo = async ({ queue, claims }: Opened): Promise<void> => {
  claims.close()
  await queue.close()
}

/** An operation that is retried until it succeeds; the result is cached from then on. */
type AskedUntilThere<Given extends ReadonlyArray<unknown>, L, A> = {
  readonly ask: (...given: Given) => TE.TaskEither<L, A>
  /** The cached or pending result, if any. */
  readonly asked: T.Task<E.Either<L, A> | undefined>
}

/** Runs one operation at a time. It is also retried if it throws, for example because too many files are open. */
const askedUntilThere = <Given extends ReadonlyArray<unknown>, L, A>(
  ask: (...given: Given) => TE.TaskEither<L, A>,
): AskedUntilThere<Given, L, A> => {
  let asked: Promise<E.Either<L, A>> | undefined
  const forget = (): void => {
    asked = undefined
  }
  const begin = async (given: Given): Promise<E.Either<L, A>> => {
    const answer = await ask(...given)().catch((thrown: unknown) => {
      forget()
      throw thrown
    })
    if (E.isLeft(answer)) forget()
    return answer
  }
  return {
    ask:
      (...given) =>
      () =>
        (asked ??= begin(given)),
    asked: async () => asked,
  }
}
