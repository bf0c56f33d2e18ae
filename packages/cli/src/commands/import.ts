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

const runImport = (path: string, settings: ImportFlags & Settings): TE.TaskEither<CliError, CommandOutput> =>
  pipe(
    path === '-' ? readStdin(batchLimit) : readTextFile(path, batchLimit),
    TE.bindTo('text'),
    TE.bindW('importers', () => TE.fromTask<ImportersPackage>(() => import('@claimlog/importers/read-files'))),
    TE.bindW('file', ({ text, importers }) => TE.fromEither(readTasks(importers, path, text, settings))),
    TE.bindW('queue', () => openQueue(settings)),
    TE.chainW(({ importers, file, queue }) => importTasks(queue, importers, file, settings)),
  )

const readTasks = (
  { readImport }: ImportersPackage,
  path: string,
  text: string,
  { kind, from }: ImportFlags,
): E.Either<CliError, ImportedFile> =>
  E.mapLeft((detail: string): CliError => ({
    usage: 'bad_input',
    detail: `${path}: ${detail}`,
    hint: 'nothing was imported; fix the file and import it again',
  }))(readImport(text, { kind, from }))

const importTasks = (
  queue: LocalQueue,
  { reportImport }: ImportersPackage,
  file: ImportedFile,
  settings: ImportFlags & Settings,
): TE.TaskEither<CliError, CommandOutput> => {
  const { tasks, foreign } = file
  const { dryRun, keepExisting: keep } = settings
  const request = { tasks, foreign: foreign || undefined, keep }
  return pipe(
    queue.importTasks(request, { ...toCallOptions(settings), dryRun }),
    TE.bindTo('result'),
    TE.bindW('report', ({ result }) =>
      !foreign && dryRun !== true && keep !== true
        ? TE.right(undefined)
        : queue.query(state => reportImport(file, result, state)),
    ),
    TE.map(({ result, report }) => ({ json: toOkDocument(settings, importDocument(file, result, report, dryRun)) })),
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
  return { dryRun: dryRun, format, ...totals, counts, leftOut: warnings, ...taskList }
}
