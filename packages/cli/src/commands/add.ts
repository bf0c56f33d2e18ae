import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { taskLinesLimit } from '@claimlog/client/unstable-internals'
import { readNdjson } from '@claimlog/importers'
import { readStdin } from '../input/read-input.ts'
import type { CliError } from '../cli-error.ts'
import { printForPrograms, executeCommand, type CommandOutput, type Settings, readSettings } from '../run.ts'
import { parseTaskFlags, type TaskFlags, taskFlagNames, addTaskFlags } from '../input/task-flags.ts'

type AddFlags = TaskFlags & { readonly key?: string }

export const add = (program: Command): void => {
  const addCommand = program
    .command('add')
    .argument('<kind>', 'Kind of the task; - reads tasks from stdin, one JSON object per line')
    .argument('[task_id]', 'Id of the task (default: <kind>-<seq>)')
    .description('Add a task, or with - many tasks at once (all or none)')
  addTaskFlags(addCommand)
    .option('--key <key>', 'Idempotency key: never add a second task with the same key')
    .action((kind: string, taskId: string | undefined, _options, command: Command) => {
      const settings = readSettings<AddFlags>(command)
      return printForPrograms(kind === '-' ? addLines(taskId, settings) : addOne(kind, taskId, settings))
    })
}

const addOne = (
  kind: string,
  taskId: string | undefined,
  settings: AddFlags & Settings,
): TE.TaskEither<CliError, CommandOutput> =>
  pipe(
    parseTaskFlags(settings),
    TE.chainW(({ fields, delayMs }) =>
      executeCommand(settings, (queue, options) =>
        queue.add({ kind, taskId, ...fields, key: settings.key }, { ...options, delayMs }),
      ),
    ),
  )

const addLines = (taskId: string | undefined, settings: AddFlags & Settings): TE.TaskEither<CliError, CommandOutput> =>
  pipe(
    TE.fromEither(refuseFlags(taskId, settings)),
    TE.chainW(() => readStdin(taskLinesLimit)),
    TE.chainW(text => TE.fromEither(E.mapLeft(unreadableLineError)(readNdjson(text)))),
    TE.chainW(tasks => executeCommand(settings, (queue, options) => queue.addMany(tasks, options))),
  )

const refuseFlags = (taskId: string | undefined, settings: AddFlags): E.Either<CliError, void> => {
  const flags = [...taskFlagNames, ['key', '--key']] as const
  const usedFlag = flags.find(([field]) => settings[field] !== undefined)
  if (taskId === undefined && usedFlag === undefined) return E.right(undefined)
  return E.left({
    usage: 'usage',
    detail: `add - reads every field from its input lines, including ${usedFlag?.[1] ?? 'the task_id'}`,
    hint: `put it in the lines, as in {"kind": "docs", "task_id": "inspect-docs", "title": "…"}`,
  })
}

const unreadableLineError = (detail: string): CliError => ({
  usage: 'bad_input',
  detail,
  hint: 'no task was added; write each line like {"kind": "docs", "task_id": "inspect-docs", "title": "…"}',
})
