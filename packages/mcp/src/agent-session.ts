import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as T from 'fp-ts/lib/Task.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Kind, LocalQueue, WorkerName } from '@claimlog/client/unstable-internals'
import { type HeldClaims, heldClaims } from './held-claims.ts'
import type { McpOptions, Problem, Worker } from './mcp-options.ts'

/** What a call of a tool works on once there is a queue. */
export type Desk = {
  readonly queue: LocalQueue
  readonly claims: HeldClaims
  readonly worker: WorkerName
  /** Whether live claims under the worker's name are this agent's, whoever made them. */
  readonly isAlone: boolean
  readonly kinds: ReadonlyArray<Kind>
  readonly leaseMs: number | null | undefined
  /** Who adds tasks. */
  readonly by: string
}

/** One agent at one server: its name, its queue and what it holds. */
export type AgentSession = {
  /** The desk of the client that is called so, or why there is none yet. Its name stays what it was at the first call. */
  readonly desk: (clientName: string | undefined) => TE.TaskEither<Problem, Desk>
  /** The queue where there is one. */
  readonly queue: TE.TaskEither<Problem, LocalQueue>
  /** Lets go of everything but the claims: those stay until their leases end. */
  readonly close: T.Task<void>
}

/** A queue, and what the agent holds in it. */
type Opened = Pick<Desk, 'queue' | 'claims'>

/** `opened` is told once, when the queue is there. */
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

const deskOf = ({ kinds, leaseMs, by }: McpOptions, opened: Opened, known: Worker): Desk => ({
  ...opened,
  ...known,
  kinds,
  leaseMs,
  by: by ?? known.worker,
})

/** An agent that was started anew has the claims of its name; what cannot be read is said to its first call. */
const adoptClaims =
  ({ queue, claims }: Opened, { worker, isAlone }: Worker): T.Task<void> =>
  async () => {
    if (isAlone) await queue.query((state, now) => claims.adopt(worker, state, now))()
  }

const letGo = async ({ queue, claims }: Opened): Promise<void> => {
  claims.close()
  await queue.close()
}

/** What is asked for until there is an answer, which is the answer from then on. */
type AskedUntilThere<Given extends ReadonlyArray<unknown>, L, A> = {
  readonly ask: (...given: Given) => TE.TaskEither<L, A>
  /** What was asked for last and is there, or may be soon. */
  readonly asked: T.Task<E.Either<L, A> | undefined>
}

/** Asks for something once at a time. What throws, as there are too few files left, is asked for again too. */
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
