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
import type { ToolContext } from './agent-session.ts'
import type { ToolOutput, HeadFields } from './answer.ts'
import { toToolError } from './tool-errors.ts'
import type { ToolResult } from './tool.ts'
import { selectKinds } from './select-kinds.ts'

/** The claim to end; `next`: claim the next task in the same step; `kinds`: of these kinds. */
type EndInput = { readonly taskId: TaskId; readonly next?: boolean; readonly kinds?: ReadonlyArray<Kind> }

/** Ends a claim of the agent with the operation `end`, and returns the next task if requested. */
export const endClaim = (
  context: ToolContext,
  input: EndInput,
  end: (request: ClaimSelector & ClaimNextOption) => TE.TaskEither<QueueFailure, EndClaimResult>,
): ToolResult =>
  pipe(
    TE.fromEither(selectKinds(context, input.kinds)),
    TE.map(kinds => toEndRequest(context, input, kinds)),
    TE.chainW(end),
    TE.tapIO(result => () => updateClaims(context, result)),
    TE.map(toAnswer),
  )

/** The claim granted by this server; otherwise the worker's current claim of the task. */
const toEndRequest = (
  { worker, claims, leaseMs }: ToolContext,
  { taskId, next }: EndInput,
  kinds: ReadonlyArray<Kind>,
): ClaimSelector & ClaimNextOption => ({
  ...{ worker, taskId, token: claims.findToken(taskId) },
  claimNext: next === true ? { kinds, leaseMs } : undefined,
})

const updateClaims = ({ claims }: ToolContext, { task, next }: EndClaimResult): void => {
  claims.drop(task.id)
  if (next !== undefined) claims.keep(next)
}

const toAnswer = ({ task: { id, status, retryAt }, next, noNext, seq }: EndClaimResult): ToolOutput => {
  const head: HeadFields<AgentEnd, 'next'> = { taskId: id, status, retryAt }
  if (next !== undefined) return { head, taskAndClaim: { ...next, as: 'next' }, seq }
  if (noNext === undefined) return { head, seq }
  const { message, hint } = toToolError(noNext)
  const headWithReason: HeadFields<AgentEnd, 'next'> = { ...head, noNext: { error: noNext.error, message, hint } }
  return { head: headWithReason, seq }
}
