import * as E from 'fp-ts/lib/Either.js'
import { claimedTask } from '@claimlog/worker'
import type { Order } from '@claimlog/workspace'
import type { Kind, TaskId, WorkerName } from '@claimlog/domain'
import type { Desk } from './agent-session.ts'
import { handedOut } from './handed-out.ts'
import { problemOf } from './problems.ts'
import type { Called } from './tool.ts'
import { wantedKinds } from './wanted-kinds.ts'

/** Who ends a claim, and what they want with it. */
type Holder = {
  readonly worker: WorkerName
  /** The claim that was handed out here; undefined: whatever the worker holds. */
  readonly token: number | undefined
  readonly claimNext?: { readonly kinds: ReadonlyArray<Kind>; readonly leaseMs?: number | null }
}

/** Whether the next task is wanted in the same step, and of which kinds. */
type Next = { readonly next?: boolean; readonly kinds?: ReadonlyArray<Kind> }

type Ending = Extract<Order, { command: 'complete' | 'fail' | 'release' }>

/** Ends the claim on a task by the order that `ordered` gives, and answers with the next one where that is wanted. */
export const endClaim = async (
  desk: Desk,
  { next, kinds: asked }: Next,
  ordered: (holder: Holder) => Ending,
  taskId: TaskId,
): Promise<Called> => {
  const kinds = wantedKinds(desk, asked)
  if (E.isLeft(kinds)) return kinds
  const { workspace, worker, claims, leaseMs } = desk
  const claimNext = next === true ? { kinds: kinds.right, leaseMs } : undefined
  const ended = await workspace.run(ordered({ worker, token: claims.tokenOf(taskId), claimNext }))()
  if (E.isLeft(ended)) return ended
  claims.settled(taskId)
  const { tasks, seq, next: handed, noNext } = ended.right
  const [first] = tasks
  const head = { task_id: taskId, status: first?.task.status, retry_at: first?.task.retry_at }
  if (handed !== undefined) return E.right(handedOut(desk, claimedTask(handed), seq, head, 'next'))
  if (noNext === undefined) return E.right({ head, seq })
  const { error, message, hint } = problemOf(noNext)
  return E.right({ head: { ...head, no_next: { error, message, hint } }, seq })
}
