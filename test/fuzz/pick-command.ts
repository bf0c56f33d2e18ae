import { allTasks, type Command, type NewTask, type State } from '@claimlog/domain'
import type { Dice } from './fuzz-runs.ts'
import { generateText } from './generate-values.ts'

/** Names in the logs, some of which have a meaning in JavaScript. */
export const fuzzNames = [
  'a',
  'b',
  'c',
  'docs',
  'ci',
  'ann',
  'bob',
  '__proto__',
  'constructor',
  'toString',
  'k-2',
] as const

const minuteMs = 60_000

const maybePick = <A>(dice: Dice, value: () => A): A | undefined => (dice.chance(30) ? value() : undefined)

const pickNewTask = (dice: Dice): NewTask => ({
  kind: dice.pick(['docs', 'docs', 'ci', '__proto__']),
  taskId: maybePick(dice, () => dice.pick(fuzzNames)),
  title: maybePick(dice, () => generateText(dice)),
  payload: maybePick(dice, () => ({ [dice.pick(fuzzNames)]: [generateText(dice)] })),
  needs: maybePick(dice, () => [dice.pick(fuzzNames)]),
  priority: maybePick(dice, () => dice.between(0, 9)),
  maxAttempts: maybePick(dice, () => dice.between(1, 2)),
  leaseMs: maybePick(dice, () => dice.pick([null, 1, minuteMs])),
  key: maybePick(dice, () => dice.pick(fuzzNames)),
  tags: maybePick(dice, () => [dice.pick(fuzzNames)]),
})

/** Any command at `nowMs`, mostly about existing tasks and kinds. */
export const pickCommand = (dice: Dice, state: State, nowMs: number): Command => {
  const tasks = allTasks(state)
  const claimed = tasks.filter(({ claim }) => claim !== undefined)
  const candidates = claimed.length > 0 && dice.chance(50) ? claimed : tasks
  const task = candidates.length === 0 || dice.chance(5) ? undefined : dice.pick(candidates)
  const taskId = task?.id ?? dice.pick(fuzzNames)
  const kind = task?.kind ?? 'docs'
  const worker = dice.chance(85) ? (task?.claim?.worker ?? task?.lastClaimEnd?.worker ?? 'ann') : dice.pick(fuzzNames)
  const origin = { by: maybePick(dice, () => dice.pick(fuzzNames)), nowMs }
  const commandFields = { ...origin, requestId: dice.chance(15) ? dice.pick(fuzzNames) : undefined }
  const reason = maybePick(dice, () => generateText(dice))
  const leaseMs = maybePick(dice, () => dice.pick([null, 1, minuteMs, 3_155_760_000_000]))
  const claimNext = maybePick(dice, () => ({ kinds: dice.chance(60) ? [] : [kind], leaseMs }))
  switch (dice.between(0, 21)) {
    case 0:
    case 1:
    case 2:
      return {
        command: 'add',
        tasks: Array.from({ length: dice.between(1, 3) }, () => pickNewTask(dice)),
        ...commandFields,
      }
    case 3:
      return {
        command: 'complete',
        worker,
        taskId,
        result: { [taskId]: generateText(dice) },
        claimNext,
        ...commandFields,
      }
    case 4:
      return { command: 'fail', worker, taskId, error: generateText(dice), claimNext, ...commandFields }
    case 5:
      return { command: 'renew', worker, taskId, leaseMs, progress: [generateText(dice)], ...commandFields }
    case 6:
      return { command: 'release', worker, taskId, reason, ...commandFields }
    case 7:
      return { command: 'hold', taskId, reason, ...commandFields }
    case 8:
      return { command: 'unhold', taskId, reason, ...commandFields }
    case 9:
      return { command: 'cancel', taskId, reason, ...commandFields }
    case 10:
      return { command: 'retry', taskId, reason, ...commandFields }
    case 11: {
      const { key: _key, taskId: _taskId, ...changes } = pickNewTask(dice)
      return { command: 'amend', taskId, ...changes, ...commandFields }
    }
    case 12:
      return { command: 'note', taskId, text: `seen ${generateText(dice)}`, ...commandFields }
    case 13:
      return { command: 'pause', kind, reason, ...commandFields }
    case 14:
      return { command: 'resume', kind, reason, ...commandFields }
    case 15:
      return { command: 'limit', kind, limit: dice.pick([null, 1, 2, 1_000_000]), ...commandFields }
    case 16:
      return {
        command: 'import',
        tasks: [{ task: pickNewTask(dice), importedState: { status: 'ready' } }],
        ...commandFields,
      }
    case 17:
      return { command: 'open', workspace: 'again', ...commandFields }
    default:
      return {
        command: 'claim',
        worker: dice.pick(fuzzNames),
        kinds: dice.chance(60) ? [] : [kind],
        taskId: dice.chance(30) ? taskId : undefined,
        leaseMs,
        ...commandFields,
      }
  }
}
