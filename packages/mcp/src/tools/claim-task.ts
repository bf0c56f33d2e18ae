import { pipe } from 'fp-ts/lib/function.js'
import * as T from 'fp-ts/lib/Task.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { closedRecord, listCodec, wholeNumber } from '@claimlog/codecs'
import { Kind, findLiveClaim, type QueueFailure, TaskId } from '@claimlog/client/unstable-internals'
import type { AgentClaim, ClaimResult } from '@claimlog/wire'
import type { Desk } from '../agent-session.ts'
import { type Answer, withinBytes } from '../answer.ts'
import { wantedKinds } from '../wanted-kinds.ts'
import { type Call, tool } from '../tool.ts'

const longestWaitS = 3600

/** Claims the next task or a given one; waits for it if requested. */
export const claimTask = tool({
  name: 'claim_task',
  description:
    'Claim the next ready task of these kinds, or task_id. Its lease is renewed until you complete, fail or release it.',
  readOnly: false,
  idempotent: false,
  input: closedRecord(
    'arguments',
    {},
    { kinds: listCodec(Kind, 'a list of kinds'), task_id: TaskId, wait_s: wholeNumber('wait', 0, longestWaitS) },
  ),
  fields: { wait_s: 'Wait for one; clients may time out after 60' },
  run: ({ kinds: asked, taskId, waitS = 0 }, desk, call) =>
    pipe(
      TE.fromEither(wantedKinds(desk, asked)),
      TE.chainW(kinds => findOrClaim(desk, { kinds, taskId, waitS }, call)),
      TE.chainTaskK(found => handOut(desk, found)),
      TE.tapTask(handed => giveBackUnheard(desk, handed, call)),
      TE.map(({ answer }) => answer),
    ),
})

/** The decoded arguments. */
type Wanted = {
  readonly kinds: ReadonlyArray<Kind>
  readonly taskId: TaskId | undefined
  readonly waitS: number
}

/** A claim of the agent; `isNew`: granted by this call. */
type Found = ClaimResult & { readonly isNew: boolean }

const findOrClaim = (desk: Desk, wanted: Wanted, call: Call): TE.TaskEither<QueueFailure, Found> =>
  pipe(
    wanted.taskId === undefined ? TE.right(undefined) : findOwnClaim(desk, wanted.taskId),
    TE.chain(own => (own === undefined ? claim(desk, wanted, call) : TE.right({ ...own, isNew: false }))),
  )

/** The live claim that the agent already has on the task: it may have been restarted, or have lost the answer. */
const findOwnClaim = (
  { queue, worker, isAlone, claims }: Desk,
  taskId: TaskId,
): TE.TaskEither<QueueFailure, ClaimResult | undefined> =>
  queue.query((state, now) => {
    const live = findLiveClaim(state, taskId, now)
    if (live === undefined || live.claim.worker !== worker) return undefined
    const isOurs = isAlone || claims.tokenOf(taskId) === live.claim.token
    return isOurs ? { ...live, seq: state.seq } : undefined
  })

const claim = (desk: Desk, wanted: Wanted, call: Call): TE.TaskEither<QueueFailure, Found> =>
  pipe(
    wanted.waitS === 0 ? claimNow(desk, wanted, call) : waitAndClaim(desk, wanted, call),
    TE.map(claimed => ({ ...claimed, isNew: true })),
  )

const claimNow = (
  { queue, worker, leaseMs }: Desk,
  { kinds, taskId, waitS }: Wanted,
  { signal }: Call,
): TE.TaskEither<QueueFailure, ClaimResult> =>
  queue.claim({ worker, kinds, taskId, leaseMs, signal, ...(waitS === 0 ? {} : { wait: waitS * 1000 }) })

/** Clients time out if there is no progress notification. */
const stillAtItMs = 2000

const waitAndClaim =
  (desk: Desk, wanted: Wanted, call: Call): TE.TaskEither<QueueFailure, ClaimResult> =>
  async () => {
    const telling = setInterval(call.stillAtIt, stillAtItMs)
    const claimed = await claimNow(desk, wanted, call)()
    clearInterval(telling)
    return claimed
  }

/** The claim with its answer. */
type Handed = { readonly answer: Answer; readonly found: Found }

const handOut = (desk: Desk, found: Found): T.Task<Handed> => {
  const { task, claim: made, seq } = found
  desk.claims.take({ task, claim: made })
  return pipe(
    alsoHeld(desk, task.id),
    T.map((head): Handed => ({ answer: { head, taskAndClaim: { task, claim: made }, seq }, found })),
  )
}

const bytesOfHeld = 500

/** The agent's other claims: their answers may not have reached it. */
const alsoHeld = ({ queue, claims }: Desk, taskId: TaskId): T.Task<Pick<AgentClaim, 'also_held'>> =>
  pipe(
    queue.query((state, now) => claims.held(state, now).filter(id => id !== taskId)),
    TE.match(
      () => ({}),
      held => (held.length === 0 ? {} : { also_held: withinBytes(held, bytesOfHeld) }),
    ),
  )

/** Releases a new claim if the call was cancelled: the client does not know about it. */
const giveBackUnheard =
  ({ queue, worker, claims }: Desk, { found }: Handed, { signal }: Call): T.Task<void> =>
  async () => {
    if (!signal.aborted || !found.isNew) return
    const taskId = found.task.id
    const token = claims.tokenOf(taskId)
    claims.settled(taskId)
    await queue.release({ worker, taskId, token, reason: 'the client stopped waiting' })()
  }
