import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Command, Option } from 'commander'
import type { ImportResult, LocalQueue } from '@claimlog/client/unstable-internals'
import { importFormats } from '@claimlog/importers'
import type { ImportFormat, ImportView, WriteResult } from '@claimlog/wire'
import type { ImportRead, ImportReport } from '@claimlog/importers/read-files'
import { batchLimit, readStdin, readTextFile } from '../input/input-text.ts'
import type { CliError } from '../problem.ts'
import { answerPrograms, callOptions, okDocument, openQueue, type Output, type Settings, settingsOf } from '../run.ts'
import type * as ImportersModule from '@claimlog/importers/read-files'

type Options = {
  readonly kind?: string
  readonly from?: ImportFormat
  readonly dryRun?: true
  readonly keepExisting?: true
}

export const importFile = (program: Command): void => {
  program
    .command('import')
    .argument('<file>', "A queue.json, a task graph's tasks.json, NDJSON, or another tool's file; - reads stdin")
    .description('Import tasks from a file (all or none); importing it again changes nothing')
    .option('--kind <kind>', 'Kind of tasks that have none (default: task)')
    .addOption(
      new Option('--from <format>', 'Format of the file (default: detected)').choices(Object.keys(importFormats)),
    )
    .option('--dry-run', 'Write nothing; show what would be imported, what exists, and what is left out and why')
    .option('--keep-existing', 'Leave existing tasks that differ as they are, and import the others')
    .action((file: string, _options, command: Command) =>
      answerPrograms(importFrom(file, settingsOf<Options>(command))),
    )
}

type Importers = typeof ImportersModule

const importFrom = (file: string, settings: Options & Settings): TE.TaskEither<CliError, Output> =>
  pipe(
    file === '-' ? readStdin(batchLimit) : readTextFile(file, batchLimit),
    TE.bindTo('text'),
    TE.bindW('importers', () => TE.fromTask<Importers>(() => import('@claimlog/importers/read-files'))),
    TE.bindW('read', ({ text, importers }) => TE.fromEither(readTasks(importers, file, text, settings))),
    TE.bindW('queue', () => openQueue(settings)),
    TE.chainW(({ importers, read, queue }) => importTasks(queue, importers, read, settings)),
  )

const readTasks = (
  { readImport }: Importers,
  file: string,
  text: string,
  { kind, from }: Options,
): E.Either<CliError, ImportRead> =>
  E.mapLeft((detail: string): CliError => ({
    usage: 'bad_input',
    detail: `${file}: ${detail}`,
    mend: 'nothing was imported; fix the file and import it again',
  }))(readImport(text, { kind, from }))

const importTasks = (
  queue: LocalQueue,
  { importReport }: Importers,
  read: ImportRead,
  settings: Options & Settings,
): TE.TaskEither<CliError, Output> => {
  const { tasks, foreign } = read
  const { dryRun, keepExisting: keep } = settings
  const request = { tasks, foreign: foreign || undefined, keep }
  return pipe(
    queue.importTasks(request, { ...callOptions(settings), dryRun }),
    TE.bindTo('answer'),
    TE.bindW('report', ({ answer }) =>
      !foreign && dryRun !== true && keep !== true
        ? TE.right(undefined)
        : queue.query(state => importReport(read, answer, state)),
    ),
    TE.map(({ answer, report }) => ({ json: okDocument(settings, importDocument(read, answer, report, dryRun)) })),
  )
}

const importDocument = (
  { tasks, format }: ImportRead,
  { tasks: came, seq, appended }: ImportResult,
  report: ImportReport | undefined,
  dryRun: true | undefined,
): Omit<ImportView, keyof WriteResult> => {
  const counted = { imported: came.length, unchanged: tasks.length - came.length }
  const listed = { tasks: came.map(({ task }) => task), seq: dryRun === true ? seq - appended : seq }
  if (report === undefined) return { ...counted, ...listed }
  const { counts, leftOut } = report
  return { dry_run: dryRun, format, ...counted, counts, left_out: leftOut, ...listed }
}
