import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import type { CliError } from '../cli-error.ts'
import { printForPrograms, executeCommand, readSettings } from '../run.ts'
import { describeDefault } from '../input/claim-arguments.ts'

type NoteFlags = { readonly text?: string }

export const note = (program: Command): void => {
  program
    .command('note')
    .argument('[task_id]', describeDefault('Id of the task', 'CLAIMLOG_TASK_ID'))
    .argument('[text]', 'Text of the note')
    .description('Add a note to the history of a task; nothing else changes')
    .option('--text <text>', 'Text of the note, for one that begins with a dash')
    .action((first: string | undefined, second: string | undefined, _options, command: Command) => {
      const settings = readSettings<NoteFlags>(command)
      return pipe(
        TE.fromEither(parseNote(first, second, settings.text)),
        TE.chainW(({ taskId, text }) =>
          executeCommand(settings, (queue, options) => queue.note(taskId, text, options)),
        ),
        printForPrograms,
      )
    })
}

/** Parses the task and the text. Within a command run by `claimlog work`, a single argument is the text. */
const parseNote = (
  first: string | undefined,
  second: string | undefined,
  flag: string | undefined,
): E.Either<CliError, { readonly taskId: string; readonly text: string }> => {
  const ownTaskId = process.env['CLAIMLOG_TASK_ID']
  const usesOwnTask = ownTaskId !== undefined && second === undefined && (first === undefined || flag === undefined)
  const [taskId, argument] = usesOwnTask ? [ownTaskId, first] : [first, second]
  const text = argument ?? flag
  if (taskId !== undefined && text !== undefined && (argument === undefined || flag === undefined))
    return E.right({ taskId, text })
  const detail =
    taskId === undefined
      ? "missing required argument 'task_id'"
      : text === undefined
        ? "missing required argument 'text'"
        : 'the text is given twice'
  return E.left({ usage: 'usage', detail, hint: "for example: claimlog note inspect-docs 'the second half is new'" })
}
