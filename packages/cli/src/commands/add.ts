import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import type { NewTask } from '@claimlog/domain'
import { readNdjson } from '@claimlog/importers'
import { readStdin, taskLinesLimit } from '../input/input-text.ts'
import type { CliError } from '../problem.ts'
import { finish, type Output, settingsOf } from '../run.ts'
import { runOnTask, runOrder } from '../run-order.ts'
import type { Settings } from '../session.ts'
import { taskFieldsOf, type TaskFlags, taskFlagNames, withTaskFlags } from '../input/task-flags.ts'

type Options = TaskFlags & { readonly key?: string }

export const add = (program: Command): void => {
  const described = program
    .command('add')
    .argument('<kind>', 'what the task is routed by; - reads tasks from stdin, one JSON object a line')
    .argument('[task_id]', "the task's name (default: <kind>-<seq>)")
    .description('add a task, or with - many tasks at once, all or none')
  withTaskFlags(described)
    .option('--key <key>', 'never add a second task under this key')
    .action(async (kind: string, taskId: string | undefined, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      finish('programs', true, kind === '-' ? await addLines(taskId, settings) : await addOne(kind, taskId, settings))
    })
}

const addOne = async (
  kind: string,
  taskId: string | undefined,
  settings: Options & Settings,
): Promise<E.Either<CliError, Output>> => {
  const said = await taskFieldsOf(settings)
  if (E.isLeft(said)) return said
  const task: NewTask = { kind, taskId, ...said.right.fields, key: settings.key }
  return runOnTask(settings, { command: 'add', tasks: [task], delayMs: said.right.delayMs })
}

const addLines = async (
  taskId: string | undefined,
  settings: Options & Settings,
): Promise<E.Either<CliError, Output>> => {
  const flags = [...taskFlagNames, ['key', '--key']] as const
  const said = flags.find(([field]) => settings[field] !== undefined)
  if (taskId !== undefined || said !== undefined)
    return E.left({
      usage: 'usage',
      detail: `add - takes everything from the lines it reads, also ${said?.[1] ?? 'the task_id'}`,
      mend: `write it into the lines, as in {"kind": "docs", "task_id": "inspect-docs", "title": "…"}`,
    })
  const text = await readStdin(taskLinesLimit)
  if (E.isLeft(text)) return text
  const tasks = readNdjson(text.right)
  if (E.isLeft(tasks))
    return E.left({
      usage: 'bad_input',
      detail: tasks.left,
      mend: 'no task was added; write each line like {"kind": "docs", "task_id": "inspect-docs", "title": "…"}',
    })
  return runOrder(settings, { command: 'add', tasks: tasks.right }, ({ tasks: added, seq }) => ({
    tasks: added.map(({ task }) => task),
    seq,
  }))
}
