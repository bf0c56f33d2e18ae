import { allTasks, type Command, type NewTask, type State } from '@claimlog/domain'
import type { Dice } from './fuzz-runs.ts'
import { nastyText } from './nasty-values.ts'

/** Names in the logs, some of which have a meaning in JavaScript. */
export const names = ['a', 'b', 'c', 'docs', 'ci', 'ann', 'bob', '__proto__', 'constructor', 'toString', 'k-2'] as const

const minuteMs = 60_000

const sometimes = <A>(dice: Dice, value: () => A): A | undefined => (dice.chance(30) ? value() : undefined)

const newTask = (dice: Dice): NewTask => ({
  kind: dice.pick(['docs', 'docs', 'ci', '__proto__']),
  taskId: sometimes(dice, () => dice.pick(names)),
  title: sometimes(dice, () => nastyText(dice)),
  payload: sometimes(dice, () => ({ [dice.pick(names)]: [nastyText(dice)] })),
  needs: sometimes(dice, () => [dice.pick(names)]),
  priority: sometimes(dice, () => dice.between(0, 9)),
  maxAttempts: sometimes(dice, () => dice.between(1, 2)),
  leaseMs: sometimes(dice, () => dice.pick([null, 1, minuteMs])),
  key: sometimes(dice, () => dice.pick(names)),
  tags: sometimes(dice, () => [dice.pick(names)]),
})

/** Any command at `nowMs`, mostly about existing tasks and kinds. */
export const anyCommand = (dice: Dice, state: State, nowMs: number): Command => {
  const tasks = allTasks(state)
  const claimed = tasks.filter(({ claim }) => claim !== undefined)
  const among = claimed.length > 0 && dice.chance(50) ? claimed : tasks
  const task = among.length === 0 || dice.chance(5) ? undefined : dice.pick(among)
  const taskId = task?.id ?? dice.pick(names)
  const kind = task?.kind ?? 'docs'
  const worker = dice.chance(85) ? (task?.claim?.worker ?? task?.lastClaimEnd?.worker ?? 'ann') : dice.pick(names)
  const said = { by: sometimes(dice, () => dice.pick(names)), nowMs }
  const stamp = { ...said, requestId: dice.chance(15) ? dice.pick(names) : undefined }
  const reason = sometimes(dice, () => nastyText(dice))
  const leaseMs = sometimes(dice, () => dice.pick([null, 1, minuteMs, 3_155_760_000_000]))
  const claimNext = sometimes(dice, () => ({ kinds: dice.chance(60) ? [] : [kind], leaseMs }))
  switch (dice.between(0, 21)) {
    case 0:
    case 1:
    case 2:
      return { command: 'add', tasks: Array.from({ length: dice.between(1, 3) }, () => newTask(dice)), ...stamp }
    case 3:
      return { command: 'complete', worker, taskId, result: { [taskId]: nastyText(dice) }, claimNext, ...stamp }
    case 4:
      return { command: 'fail', worker, taskId, error: nastyText(dice), claimNext, ...stamp }
    case 5:
      return { command: 'renew', worker, taskId, leaseMs, progress: [nastyText(dice)], ...stamp }
    case 6:
      return { command: 'release', worker, taskId, reason, ...stamp }
    case 7:
      return { command: 'hold', taskId, reason, ...stamp }
    case 8:
      return { command: 'unhold', taskId, reason, ...stamp }
    case 9:
      return { command: 'cancel', taskId, reason, ...stamp }
    case 10:
      return { command: 'retry', taskId, reason, ...stamp }
    case 11: {
      const { key: _key, taskId: _taskId, ...changes } = newTask(dice)
      return { command: 'amend', taskId, ...changes, ...stamp }
    }
    case 12:
      return { command: 'note', taskId, text: `seen ${nastyText(dice)}`, ...stamp }
    case 13:
      return { command: 'pause', kind, reason, ...stamp }
    case 14:
      return { command: 'resume', kind, reason, ...stamp }
    case 15:
      return { command: 'limit', kind, limit: dice.pick([null, 1, 2, 1_000_000]), ...stamp }
    case 16:
      return { command: 'import', tasks: [{ task: newTask(dice), standing: { status: 'ready' } }], ...stamp }
    case 17:
      return { command: 'open', workspace: 'again', ...stamp }
    default:
      return {
        command: 'claim',
        worker: dice.pick(names),
        kinds: dice.chance(60) ? [] : [kind],
        taskId: dice.chance(30) ? taskId : undefined,
        leaseMs,
        ...stamp,
      }
  }
}
