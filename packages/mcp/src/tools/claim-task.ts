import * as E from 'fp-ts/lib/Either.js'
import { claimedTask } from '@claimlog/worker'
import { type ClaimOrder, claimWhenReady } from '@claimlog/workspace'
import { closedRecord, listOf, wholeNumber } from '@claimlog/codecs'
import { claimView, findTask, isLive, Kind, type TaskId, TaskId as TaskIdCodec, taskView } from '@claimlog/domain'
import type { Desk } from '../agent-session.ts'
import { type Answer, withinBytes } from '../answer.ts'
import { handedOut } from '../handed-out.ts'
import { wantedKinds } from '../wanted-kinds.ts'
import { type Call, type Called, tool } from '../tool.ts'

const longestWaitS = 3600

/** Hands out the next task, or one that is named; waits for one where that is asked for. */
export const claimTask = tool({
  name: 'claim_task',
  description:
    'Take the next ready task of these kinds, or task_id. Its lease is renewed until you complete, fail or release it.',
  readOnly: false,
  idempotent: false,
  input: closedRecord(
    'arguments',
    {},
    { kinds: listOf(Kind, 'a list of kinds'), task_id: TaskIdCodec, wait_s: wholeNumber('wait', 0, longestWaitS) },
  ),
  fields: { wait_s: 'Wait for one; clients may give up after 60' },
  run: async ({ kinds: asked, taskId, waitS = 0 }, desk, call) => {
    const kinds = wantedKinds(desk, asked)
    if (E.isLeft(kinds)) return kinds
    const { workspace, worker, leaseMs } = desk
    const own = taskId === undefined ? undefined : await ownClaim(desk, taskId)
    if (own !== undefined) return own
    const order = { command: 'claim', worker, kinds: kinds.right, taskId, leaseMs } as const
    const claimed = waitS === 0 ? await workspace.run(order, call.signal)() : await waitFor(desk, order, waitS, call)
    if (E.isLeft(claimed)) return claimed
    const [first] = claimed.right.tasks
    if (first === undefined) throw new Error('a task was claimed, and the answer has none')
    const answer = handedOut(desk, claimedTask(first), claimed.right.seq, await alsoHeld(desk, first.task.id))
    if (call.signal.aborted) await giveBack(desk, first.task.id)
    return E.right(answer)
  },
})

/** The live claim that the agent has on the task already: it may have been started anew, or have lost the answer. */
const ownClaim = async (desk: Desk, taskId: TaskId): Promise<Called | undefined> => {
  const { workspace, worker, isAlone, claims } = desk
  const seen = await workspace.read((state, now) => {
    const task = findTask(state, taskId)
    if (task?.claim === undefined || task.claim.worker !== worker || !isLive(task.claim, now)) return undefined
    if (!isAlone && claims.tokenOf(taskId) !== task.claim.token) return undefined
    return { claimed: { task: taskView(task, state.clock), claim: claimView(task.claim, state.clock) }, seq: state.seq }
  })()
  if (E.isLeft(seen)) return seen
  if (seen.right === undefined) return undefined
  const { claimed, seq } = seen.right
  return E.right(handedOut(desk, claimed, seq, await alsoHeld(desk, taskId)))
}

/** Clients give up after a time without a word. */
const stillAtItMs = 2000

const waitFor = async ({ workspace }: Desk, order: ClaimOrder, waitS: number, { signal, stillAtIt }: Call) => {
  const telling = setInterval(stillAtIt, stillAtItMs)
  const claimed = await claimWhenReady(workspace, order, { waitMs: waitS * 1000, signal })()
  clearInterval(telling)
  return claimed
}

const bytesOfHeld = 500

/** What else the agent holds: the answer that said so may never have reached it. */
const alsoHeld = async ({ workspace, claims }: Desk, taskId: TaskId): Promise<Answer['head']> => {
  const seen = await workspace.read((state, now) => claims.held(state, now).filter(id => id !== taskId))()
  return E.isLeft(seen) || seen.right.length === 0 ? {} : { also_held: withinBytes(seen.right, bytesOfHeld) }
}

/** Whoever asked is gone and will never know that it has the task. */
const giveBack = async ({ workspace, worker, claims }: Desk, taskId: TaskId): Promise<void> => {
  const token = claims.tokenOf(taskId)
  claims.settled(taskId)
  await workspace.run({ command: 'release', worker, taskId, token, reason: 'whoever asked no longer waited' })()
}
