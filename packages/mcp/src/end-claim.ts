import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type {
  ClaimSelector,
  Kind,
  QueueFailure,
  EndClaimResult,
  TaskId,
  ClaimNextOption,
} from '@claimlog/client/unstable-internals'
import type { AgentEnd } from '@claimlog/wire'
import type { Desk } from './agent-session.ts'
import type { Answer, OwnFields } from './answer.ts'
import { problemOf } from './problems.ts'
import type { Called } from './tool.ts'
import { wantedKinds } from './wanted-kinds.ts'

/** The claim to end; `next`: claim the next task in the same step; `kinds`: of these kinds. */
type Ended = { readonly taskId: TaskId; readonly next?: boolean; readonly kinds?: ReadonlyArray<Kind> }

/** Ends a claim of the agent with the operation `end`, and returns the next task if requested. */
export const endClaim = (
  desk: Desk,
  ended: Ended,
  end: (holder: ClaimSelector & ClaimNextOption) => TE.TaskEither<QueueFailure, EndClaimResult>,
): Called =>
  pipe(
    TE.fromEither(wantedKinds(desk, ended.kinds)),
    TE.map(kinds => holderOf(desk, ended, kinds)),
    TE.chainW(end),
    TE.tapIO(settled => () => takeNext(desk, settled)),
    TE.map(answerOf),
  )

/** The claim granted by this server; otherwise the worker's current claim of the task. */
const holderOf = (
  { worker, claims, leaseMs }: Desk,
  { taskId, next }: Ended,
  kinds: ReadonlyArray<Kind>,
): ClaimSelector & ClaimNextOption => ({
  ...{ worker, taskId, token: claims.tokenOf(taskId) },
  claimNext: next === true ? { kinds, leaseMs } : undefined,
})

const takeNext = ({ claims }: Desk, { task, next }: EndClaimResult): void => {
  claims.settled(task.id)
  if (next !== undefined) claims.take(next)
}

const answerOf = ({ task: { id, status, retry_at }, next, noNext, seq }: EndClaimResult): Answer => {
  const head: OwnFields<AgentEnd, 'next'> = { task_id: id, status, retry_at }
  if (next !== undefined) return { head, taskAndClaim: { ...next, as: 'next' }, seq }
  if (noNext === undefined) return { head, seq }
  const { message, hint } = problemOf(noNext)
  const none: OwnFields<AgentEnd, 'next'> = { ...head, no_next: { error: noNext.error, message, hint } }
  return { head: none, seq }
}
