import { setTimeout as sleep } from 'node:timers/promises'
import type { CommandInput, Workspace } from '@claimlog/workspace'
import type { ListView } from '@claimlog/wire'
import type { Fleet } from './fleet-processes.ts'
import { fleetKinds } from './fleet-tasks.ts'
import type { Random } from '../support/random.ts'

const roundMs = 150
/** After this many rounds the person makes no more changes, so that the remaining tasks can finish. */
const maxDisturbances = 250
const maxRevived = 20
const longestRounds = 8

type Queue = ListView['tasks']

/** Runs a command; false if it was refused because of what workers did in the meantime. */
type Give = (order: CommandInput) => Promise<boolean>

/**
 * A person who intervenes while workers run: puts tasks on hold and removes the hold, pauses and resumes kinds, changes
 * limits and priorities, retries done tasks, and kills workers. If every unfinished task has failed or waits for a
 * failed one, the person retries the failed ones. Resolves when every task is done, or when a worker has reported an
 * error.
 */
export const seeItDone = async (workspace: Workspace, random: Random, fleet: Fleet): Promise<void> => {
  const give = giveTo(workspace)
  const { disturb, undo } = disturber(give, random, fleet.killOne)
  for (let round = 1; ; round += 1) {
    await undo(round)
    const listed = await workspace.list()()
    if (listed._tag === 'Left') throw new Error(JSON.stringify(listed.left))
    const { tasks } = listed.right
    if (tasks.every(({ status }) => status === 'done') || fleet.complaints().length > 0) return undo(Infinity)
    // A hold is removed some rounds later, so a task on hold does not wait for a failed one.
    if (tasks.every(({ status, hold }) => status !== 'ready' && hold === undefined))
      await retryFailed(give, tasks, random)
    if (round <= maxDisturbances) await disturb(tasks, round)
    await sleep(roundMs)
  }
}

/** The refusals of a command about a task that is claimed or finished. */
const expected = ['already_claimed', 'task_finished', 'attempts_used_up']

const giveTo =
  (workspace: Workspace): Give =>
  async order => {
    const given = await workspace.run({ ...order, by: 'person' })()
    if (given._tag === 'Right') return true
    if ('error' in given.left && expected.includes(given.left.error)) return false
    throw new Error(`${JSON.stringify(order)}: ${JSON.stringify(given.left)}`)
  }

const retryFailed = async (give: Give, queue: Queue, random: Random): Promise<void> => {
  for (const { id: taskId, max_attempts } of queue.filter(({ status }) => status === 'failed')) {
    if (random.chance(50)) await give({ command: 'amend', taskId, maxAttempts: (max_attempts ?? 3) + 1 })
    await give({ command: 'retry', taskId, reason: 'it has to be done' })
  }
}

/** Makes a random change now and then, and undoes it some rounds later. */
const disturber = (give: Give, random: Random, killWorker: () => void) => {
  let undos: ReadonlyArray<{ readonly fromRound: number; readonly order: CommandInput }> = []
  let revived = 0

  const giveFor = async (order: CommandInput, back: CommandInput, round: number): Promise<void> => {
    if (await give(order)) undos = [...undos, { fromRound: round + random.between(1, longestRounds), order: back }]
  }

  const revive = async (queue: Queue): Promise<void> => {
    const done = random.oneOf(queue.filter(({ status }) => status === 'done'))
    if (done === undefined || revived === maxRevived) return
    if (await give({ command: 'retry', taskId: done.id, reason: 'do it again' })) revived += 1
  }

  const disturb = async (queue: Queue, round: number): Promise<void> => {
    const kind = random.oneOf(fleetKinds) ?? 'docs'
    const { id: taskId = '' } = random.oneOf(queue.filter(({ status }) => status !== 'done')) ?? {}
    const disturbances: ReadonlyArray<() => Promise<unknown>> = [
      () => giveFor({ command: 'hold', taskId, reason: 'wait' }, { command: 'unhold', taskId }, round),
      () => giveFor({ command: 'pause', kind }, { command: 'resume', kind }, round),
      () => give({ command: 'amend', taskId, priority: random.between(0, 9) }),
      () => give({ command: 'amend', taskId, maxAttempts: random.between(2, 7) }),
      () => give({ command: 'limit', kind: random.oneOf(['docs', 'ci']) ?? 'ci', limit: random.between(1, 5) }),
      () => revive(queue),
      async () => killWorker(),
    ]
    await random.oneOf(disturbances)?.()
  }

  const undo = async (round: number): Promise<void> => {
    const due = undos.filter(({ fromRound }) => fromRound <= round)
    undos = undos.filter(({ fromRound }) => fromRound > round)
    for (const { order } of due) await give(order)
  }

  return { disturb, undo }
}
