import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { readNdjson } from '@claimlog/importers'
import { readStdin, taskLinesLimit } from '../input/input-text.ts'
import type { CliError } from '../problem.ts'
import { answerPrograms, carryOut, type Output, type Settings, settingsOf } from '../run.ts'
import { taskFieldsOf, type TaskFlags, taskFlagNames, withTaskFlags } from '../input/task-flags.ts'

type Options = TaskFlags & { readonly key?: string }

export const add = (program: Command): void => {
  const described = program
    .command('add')
    .argument('<kind>', 'Kind of the task; - reads tasks from stdin, one JSON object per line')
    .argument('[task_id]', 'Id of the task (default: <kind>-<seq>)')
    .description('Add a task, or with - many tasks at once (all or none)')
  withTaskFlags(described)
    .option('--key <key>', 'Idempotency key: never add a second task with the same key')
    .action((kind: string, taskId: string | undefined, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      return answerPrograms(kind === '-' ? addLines(taskId, settings) : addOne(kind, taskId, settings))
    })
}

const addOne = (
  kind: string,
  taskId: string | undefined,
  settings: Options & Settings,
): TE.TaskEither<CliError, Output> =>
  pipe(
    taskFieldsOf(settings),
    TE.chainW(({ fields, delayMs }) =>
      carryOut(settings, (queue, options) =>
        queue.add({ kind, taskId, ...fields, key: settings.key }, { ...options, delayMs }),
      ),
    ),
  )

const addLines = (taskId: string | undefined, settings: Options & Settings): TE.TaskEither<CliError, Output> =>
  pipe(
    TE.fromEither(refuseFlags(taskId, settings)),
    TE.chainW(() => readStdin(taskLinesLimit)),
    TE.chainW(text => TE.fromEither(E.mapLeft(unreadableLine)(readNdjson(text)))),
    TE.chainW(tasks => carryOut(settings, (queue, options) => queue.addMany(tasks, options))),
  )

const refuseFlags = (taskId: string | undefined, settings: Options): E.Either<CliError, void> => {
  const flags = [...taskFlagNames, ['key', '--key']] as const
  const given = flags.find(([field]) => settings[field] !== undefined)
  if (taskId === undefined && given === undefined) return E.right(undefined)
  return E.left({
    usage: 'usage',
    detail: `add - reads every field from its input lines, including ${given?.[1] ?? 'the task_id'}`,
    mend: `put it in the lines, as in {"kind": "docs", "task_id": "inspect-docs", "title": "…"}`,
  })
}

const unreadableLine = (detail: string): CliError => ({
  usage: 'bad_input',
  detail,
  mend: 'no task was added; write each line like {"kind": "docs", "task_id": "inspect-docs", "title": "…"}',
})
