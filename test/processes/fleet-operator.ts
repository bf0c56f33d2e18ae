import { setTimeout as sleep } from 'node:timers/promises'
import type { CommandInput, Workspace } from '@claimlog/workspace'
import type { ListView } from '@claimlog/wire'
import type { Fleet } from './fleet-processes.ts'
import { fleetKinds } from './fleet-tasks.ts'
import type { Random } from '../support/random.ts'

const roundMs = 150
/** After this many rounds the person makes no more changes, so that the remaining tasks can finish. */
const disturbanceRoundsMax = 250
const retriesMax = 20
const undoRoundsMax = 8

type ListedTasks = ListView['tasks']

/** Runs a command; false if it was refused because of what workers did in the meantime. */
type TryCommand = (command: CommandInput) => Promise<boolean>

/**
 * A person who intervenes while workers run: puts tasks on hold and removes the hold, pauses and resumes kinds, changes
 * limits and priorities, retries done tasks, and kills workers. If every unfinished task has failed or waits for a
 * failed one, the person retries the failed ones. Resolves when every task is done, or when a worker has reported an
 * error.
 */
export const operateUntilDone = async (workspace: Workspace, random: Random, fleet: Fleet): Promise<void> => {
  const tryCommand = commandRunner(workspace)
  const { disturb, undo } = startDisturber(tryCommand, random, fleet.killOne)
  for (let round = 1; ; round += 1) {
    await undo(round)
    const listed = await workspace.list()()
    if (listed._tag === 'Left') throw new Error(JSON.stringify(listed.left))
    const { tasks } = listed.right
    if (tasks.every(({ status }) => status === 'done') || fleet.listErrors().length > 0) return undo(Infinity)
    // A hold is removed some rounds later, so a task on hold does not wait for a failed one.
    if (tasks.every(({ status, hold }) => status !== 'ready' && hold === undefined))
      await retryFailed(tryCommand, tasks, random)
    if (round <= disturbanceRoundsMax) await disturb(tasks, round)
    await sleep(roundMs)
  }
}

/** The refusals of a command about a task that is claimed or finished. */
const expectedRefusals = ['already_claimed', 'task_finished', 'attempts_used_up']

const commandRunner =
  (workspace: Workspace): TryCommand =>
  async command => {
    const result = await workspace.run({ ...command, by: 'person' })()
    if (result._tag === 'Right') return true
    if ('error' in result.left && expectedRefusals.includes(result.left.error)) return false
    throw new Error(`${JSON.stringify(command)}: ${JSON.stringify(result.left)}`)
  }

const retryFailed = async (tryCommand: TryCommand, tasks: ListedTasks, random: Random): Promise<void> => {
  for (const { id: taskId, maxAttempts } of tasks.filter(({ status }) => status === 'failed')) {
    if (random.chance(50)) await tryCommand({ command: 'amend', taskId, maxAttempts: (maxAttempts ?? 3) + 1 })
    await tryCommand({ command: 'retry', taskId, reason: 'it has to be done' })
  }
}

/** Makes a random change now and then, and undoes it some rounds later. */
const startDisturber = (tryCommand: TryCommand, random: Random, killWorker: () => void) => {
  let undos: ReadonlyArray<{ readonly fromRound: number; readonly command: CommandInput }> = []
  let retries = 0

  const runTemporarily = async (command: CommandInput, undoCommand: CommandInput, round: number): Promise<void> => {
    if (await tryCommand(command))
      undos = [...undos, { fromRound: round + random.between(1, undoRoundsMax), command: undoCommand }]
  }

  const retryDone = async (tasks: ListedTasks): Promise<void> => {
    const done = random.oneOf(tasks.filter(({ status }) => status === 'done'))
    if (done === undefined || retries === retriesMax) return
    if (await tryCommand({ command: 'retry', taskId: done.id, reason: 'do it again' })) retries += 1
  }

  const disturb = async (tasks: ListedTasks, round: number): Promise<void> => {
    const kind = random.oneOf(fleetKinds) ?? 'docs'
    const { id: taskId = '' } = random.oneOf(tasks.filter(({ status }) => status !== 'done')) ?? {}
    const disturbances: ReadonlyArray<() => Promise<unknown>> = [
      () => runTemporarily({ command: 'hold', taskId, reason: 'wait' }, { command: 'unhold', taskId }, round),
      () => runTemporarily({ command: 'pause', kind }, { command: 'resume', kind }, round),
      () => tryCommand({ command: 'amend', taskId, priority: random.between(0, 9) }),
      () => tryCommand({ command: 'amend', taskId, maxAttempts: random.between(2, 7) }),
      () => tryCommand({ command: 'limit', kind: random.oneOf(['docs', 'ci']) ?? 'ci', limit: random.between(1, 5) }),
      () => retryDone(tasks),
      async () => killWorker(),
    ]
    await random.oneOf(disturbances)?.()
  }

  const undo = async (round: number): Promise<void> => {
    const due = undos.filter(({ fromRound }) => fromRound <= round)
    undos = undos.filter(({ fromRound }) => fromRound > round)
    for (const { command } of due) await tryCommand(command)
  }

  return { disturb, undo }
}
