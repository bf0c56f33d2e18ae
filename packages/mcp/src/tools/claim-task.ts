import { pipe } from 'fp-ts/lib/function.js'
import * as T from 'fp-ts/lib/Task.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { closedRecord, listCodec, wholeNumber } from '@claimlog/codecs'
import { Kind, findLiveClaim, type QueueFailure, TaskId } from '@claimlog/client/unstable-internals'
import type { AgentClaim, ClaimResult } from '@claimlog/wire'
import type { ToolContext } from '../agent-session.ts'
import { type ToolOutput, takeBytes } from '../answer.ts'
import { selectKinds } from '../select-kinds.ts'
import { type ToolCall, defineTool } from '../tool.ts'

const waitSecondsMax = 3600

/** Claims the next task or a given one; waits for it if requested. */
export const claimTask = defineTool({
  name: 'claim_task',
  description:
    'Claim the next ready task of these kinds, or task_id. Its lease is renewed until you complete, fail or release it.',
  readOnly: false,
  idempotent: false,
  input: closedRecord(
    'arguments',
    {},
    { kinds: listCodec(Kind, 'a list of kinds'), task_id: TaskId, wait_s: wholeNumber('wait', 0, waitSecondsMax) },
  ),
  fields: { wait_s: 'Wait for one; clients may time out after 60' },
  run: ({ kinds: requestedKinds, taskId, waitS = 0 }, context, call) =>
    pipe(
      TE.fromEither(selectKinds(context, requestedKinds)),
      TE.chainW(kinds => findOrClaim(context, { kinds, taskId, waitS }, call)),
      TE.chainTaskK(claimed => toClaimAnswer(context, claimed)),
      TE.tapTask(result => releaseIfCancelled(context, result, call)),
      TE.map(({ answer }) => answer),
    ),
})

/** The decoded arguments. */
type ClaimTaskInput = {
  readonly kinds: ReadonlyArray<Kind>
  readonly taskId: TaskId | undefined
  readonly waitS: number
}

/** A claim of the agent; `isNew`: granted by this call. */
type AgentClaimResult = ClaimResult & { readonly isNew: boolean }

const findOrClaim = (
  context: ToolContext,
  input: ClaimTaskInput,
  call: ToolCall,
): TE.TaskEither<QueueFailure, AgentClaimResult> =>
  pipe(
    input.taskId === undefined ? TE.right(undefined) : findOwnClaim(context, input.taskId),
    TE.chain(ownClaim =>
      ownClaim === undefined ? claimNew(context, input, call) : TE.right({ ...ownClaim, isNew: false }),
    ),
  )

/** The live claim that the agent already has on the task: it may have been restarted, or have lost the answer. */
const findOwnClaim = (
  { queue, worker, isAlone, claims }: ToolContext,
  taskId: TaskId,
): TE.TaskEither<QueueFailure, ClaimResult | undefined> =>
  queue.query((state, now) => {
    const live = findLiveClaim(state, taskId, now)
    if (live === undefined || live.claim.worker !== worker) return undefined
    const isOwnClaim = isAlone || claims.findToken(taskId) === live.claim.token
    return isOwnClaim ? { ...live, seq: state.seq } : undefined
  })

const claimNew = (
  context: ToolContext,
  input: ClaimTaskInput,
  call: ToolCall,
): TE.TaskEither<QueueFailure, AgentClaimResult> =>
  pipe(
    input.waitS === 0 ? claimFromQueue(context, input, call) : waitAndClaim(context, input, call),
    TE.map(claimed => ({ ...claimed, isNew: true })),
  )

const claimFromQueue = (
  { queue, worker, leaseMs }: ToolContext,
  { kinds, taskId, waitS }: ClaimTaskInput,
  { signal }: ToolCall,
): TE.TaskEither<QueueFailure, ClaimResult> =>
  queue.claim({ worker, kinds, taskId, leaseMs, signal, ...(waitS === 0 ? {} : { wait: waitS * 1000 }) })

/** Clients time out if there is no progress notification. */
const progressIntervalMs = 2000

const waitAndClaim =
  (context: ToolContext, input: ClaimTaskInput, call: ToolCall): TE.TaskEither<QueueFailure, ClaimResult> =>
  async () => {
    const progressTimer = setInterval(call.reportProgress, progressIntervalMs)
    const claimed = await claimFromQueue(context, input, call)()
    clearInterval(progressTimer)
    return claimed
  }

/** The claim with its answer. */
type ClaimWithAnswer = { readonly answer: ToolOutput; readonly claimed: AgentClaimResult }

const toClaimAnswer = (context: ToolContext, claimed: AgentClaimResult): T.Task<ClaimWithAnswer> => {
  const { task, claim, seq } = claimed
  context.claims.keep({ task, claim })
  return pipe(
    findOtherClaims(context, task.id),
    T.map((head): ClaimWithAnswer => ({ answer: { head, taskAndClaim: { task, claim }, seq }, claimed })),
  )
}

const otherClaimsBytesMax = 500

/** The agent's other claims: their answers may not have reached it. */
const findOtherClaims = ({ queue, claims }: ToolContext, taskId: TaskId): T.Task<Pick<AgentClaim, 'alsoHeld'>> =>
  pipe(
    queue.query((state, now) => claims.claimedTasks(state, now).filter(id => id !== taskId)),
    TE.match(
      () => ({}),
      otherTasks => (otherTasks.length === 0 ? {} : { also_held: takeBytes(otherTasks, otherClaimsBytesMax) }),
    ),
  )

/** Releases a new claim if the call was cancelled: the client does not know about it. */
const releaseIfCancelled =
  ({ queue, worker, claims }: ToolContext, { claimed }: ClaimWithAnswer, { signal }: ToolCall): T.Task<void> =>
  async () => {
    if (!signal.aborted || !claimed.isNew) return
    const taskId = claimed.task.id
    const token = claims.findToken(taskId)
    claims.drop(taskId)
    await queue.release({ worker, taskId, token, reason: 'the client stopped waiting' })()
  }
