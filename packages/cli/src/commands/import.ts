import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Command, Option } from 'commander'
import { batchLimit, importTasks, loadImporters } from '@claimlog/client/unstable-internals'
import { importFormats } from '@claimlog/importers'
import type { ImportFormat } from '@claimlog/wire'
import { readFileArgument, readStdin } from '../input/read-input.ts'
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

const runImport = (path: string, settings: ImportFlags & Settings): TE.TaskEither<CliError, CommandOutput> =>
  pipe(
    path === '-' ? readStdin(batchLimit) : readFileArgument(path, batchLimit),
    TE.bindTo('text'),
    TE.bindW('importers', () => loadImporters),
    TE.bindW('file', ({ text, importers }) => TE.fromEither(orBadInput(path, importers.readImport(text, settings)))),
    TE.bindW('queue', () => openQueue(settings)),
    TE.chainW(({ importers, file, queue }) => {
      const { dryRun, keepExisting } = settings
      return importTasks(queue, importers, file, { ...toCallOptions(settings), dryRun, keepExisting })
    }),
    TE.map(report => ({ json: toOkDocument(settings, report) })),
  )

const orBadInput = <A>(path: string, read: E.Either<string, A>): E.Either<CliError, A> =>
  pipe(
    read,
    E.mapLeft(detail => ({
      usage: 'bad_input',
      detail: `${path}: ${detail}`,
      hint: 'nothing was imported; fix the file and import it again',
    })),
  )
