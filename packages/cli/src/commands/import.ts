import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Command, Option } from 'commander'
import type { ImportResult, LocalQueue } from '@claimlog/client/unstable-internals'
import { importFormats } from '@claimlog/importers'
import type { ImportFormat, ImportView, WriteResult } from '@claimlog/wire'
import type { ImportedFile, ImportReport } from '@claimlog/importers/read-files'
import { batchLimit, readStdin, readTextFile } from '../input/read-input.ts'
import type { CliError } from '../cli-error.ts'
import {
  printForPrograms,
  toCallOptions,
  toOkDocument,
  openQueue,
  type CommandOutput,
  type Settings,
  readSettings,
} from '../run.ts'
import type * as ImportersModule from '@claimlog/importers/read-files'

type ImportFlags = {
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
      printForPrograms(runImport(file, readSettings<ImportFlags>(command))),
    )
}

type ImportersPackage = typeof ImportersModule

const runImport = (file: string, settings: ImportFlags & Settings): TE.TaskEither<CliError, CommandOutput> =>
  pipe(
    file === '-' ? readStdin(batchLimit) : readTextFile(file, batchLimit),
    TE.bindTo('text'),
    TE.bindW('importers', () => TE.fromTask<ImportersPackage>(() => import('@claimlog/importers/read-files'))),
    TE.bindW('read', ({ text, importers }) => TE.fromEither(readTasks(importers, file, text, settings))),
    TE.bindW('queue', () => openQueue(settings)),
    TE.chainW(({ importers, read, queue }) => importTasks(queue, importers, read, settings)),
  )

const readTasks = (
  { readImport }: ImportersPackage,
  file: string,
  text: string,
  { kind, from }: ImportFlags,
): E.Either<CliError, ImportedFile> =>
  E.mapLeft((detail: string): CliError => ({
    usage: 'bad_input',
    detail: `${file}: ${detail}`,
    hint: 'nothing was imported; fix the file and import it again',
  }))(readImport(text, { kind, from }))

const importTasks = (
  queue: LocalQueue,
  { reportImport: importReport }: ImportersPackage,
  read: ImportedFile,
  settings: ImportFlags & Settings,
): TE.TaskEither<CliError, CommandOutput> => {
  const { tasks, foreign } = read
  const { dryRun, keepExisting: keep } = settings
  const request = { tasks, foreign: foreign || undefined, keep }
  return pipe(
    queue.importTasks(request, { ...toCallOptions(settings), dryRun }),
    TE.bindTo('answer'),
    TE.bindW('report', ({ answer }) =>
      !foreign && dryRun !== true && keep !== true
        ? TE.right(undefined)
        : queue.query(state => importReport(read, answer, state)),
    ),
    TE.map(({ answer, report }) => ({ json: toOkDocument(settings, importDocument(read, answer, report, dryRun)) })),
  )
}

const importDocument = (
  { tasks, format }: ImportedFile,
  { tasks: importedTasks, seq, appended }: ImportResult,
  report: ImportReport | undefined,
  dryRun: true | undefined,
): Omit<ImportView, keyof WriteResult> => {
  const totals = { imported: importedTasks.length, unchanged: tasks.length - importedTasks.length }
  const taskList = { tasks: importedTasks.map(({ task }) => task), seq: dryRun === true ? seq - appended : seq }
  if (report === undefined) return { ...totals, ...taskList }
  const { counts, warnings } = report
  return { dry_run: dryRun, format, ...totals, counts, left_out: warnings, ...taskList }
}
