import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { Argument, type Command } from 'commander'
import {
  pluralize,
  type Event,
  type InputLimit,
  type PointInTime,
  type Status,
} from '@claimlog/client/unstable-internals'
import type { HistoryFormat, TaskExport, TaskFormat } from '@claimlog/exporters'
import { createAtOption } from '../../input/arguments.ts'
import { exportHistory } from './export-history.ts'
import { exportTasks } from './export-tasks.ts'
import { readBytesArgument } from '../../input/read-input.ts'
import { writeStderr } from '../../output/output.ts'
import type { CliError } from '../../cli-error.ts'
import { printError, openQueue, type Settings, readSettings } from '../../run.ts'
import { statusOption } from '../list.ts'
import type * as ExportersModule from '@claimlog/exporters'

type ExportFlags = {
  readonly kind?: string
  readonly status?: Status
  readonly at?: PointInTime
  readonly redact?: true
  readonly redactKey?: string
}

const taskFormatNames: ReadonlyArray<TaskFormat> = ['csv', 'json', 'mermaid', 'dot']
const historyFormatNames: ReadonlyArray<HistoryFormat> = ['otlp', 'chrome-trace', 'cloudevents', 'log']

export const exportFormat = (program: Command): void => {
  program
    .command('export')
    .addArgument(new Argument('<format>', 'Output format').choices([...taskFormatNames, ...historyFormatNames]))
    .description('Print the tasks or their history in a format for other programs')
    .option('--kind <kind>', 'Only tasks of this kind (csv, json, mermaid, dot)')
    .addOption(statusOption('Only tasks with this status (csv, json, mermaid, dot)'))
    .addOption(
      createAtOption('Tasks as they were after the event with this seq, or at a time (csv, json, mermaid, dot)'),
    )
    .option('--redact', 'Replace titles, payloads, results, errors, reasons, notes, keys and tags with hashes')
    .option('--redact-key <file>', 'Redact with the key in this file (default: a new random key each time)')
    .action(async (format: TaskFormat | HistoryFormat, _options, command: Command) => {
      const settings = readSettings<ExportFlags>(command)
      const outcome = await runExport(format, settings)()
      if (E.isLeft(outcome)) printError(settings.json === true, outcome.left)
    })
}

const isHistoryFormat = (format: TaskFormat | HistoryFormat): format is HistoryFormat =>
  (historyFormatNames as ReadonlyArray<string>).includes(format)

type ExportersPackage = typeof ExportersModule

/** A transformation of events before they are exported. */
type EventTransform = (event: Event) => Event

const runExport = (
  format: TaskFormat | HistoryFormat,
  settings: ExportFlags & Settings,
): TE.TaskEither<CliError, void> =>
  pipe(
    settings.redactKey === undefined ? TE.right(undefined) : readKey(settings.redactKey),
    TE.bindTo('key'),
    TE.bindW('exporters', () => TE.fromTask<ExportersPackage>(() => import('@claimlog/exporters'))),
    TE.chainW(({ key, exporters }) => {
      const transform =
        settings.redact === true || key !== undefined
          ? exporters.redactLog(exporters.keyedMask(key ?? crypto.getRandomValues(new Uint8Array(keyBytes))))
          : undefined
      return isHistoryFormat(format)
        ? exportWholeHistory(format, exporters, transform ?? (event => event), settings)
        : exportSelectedTasks(exporters.taskFormats[format], transform, settings)
    }),
  )

const exportSelectedTasks = (
  out: TaskExport,
  transform: EventTransform | undefined,
  { kind, status, at, ...settings }: ExportFlags & Settings,
): TE.TaskEither<CliError, void> =>
  pipe(
    openQueue(settings),
    TE.chainW(queue => exportTasks(queue, out, { kind, status }, { at, transform })),
  )

const exportWholeHistory = (
  format: HistoryFormat,
  { historyFormats, sha256 }: ExportersPackage,
  transform: EventTransform,
  { kind, status, at, ...settings }: ExportFlags & Settings,
): TE.TaskEither<CliError, void> =>
  (kind ?? status ?? at) !== undefined
    ? TE.left({
        usage: 'usage',
        detail: `${format} exports the whole history`,
        hint: `omit --kind, --status and --at; ${taskFormatNames.join(', ')} accept them`,
      })
    : pipe(
        openQueue(settings),
        TE.chainW(queue => exportHistory(queue, historyFormats[format](sha256), transform)),
        TE.map(reportOmitted),
      )

const reportOmitted = (omittedCount: number): void => {
  if (omittedCount === 0) return
  const [are, their] = omittedCount === 1 ? ['is', 'its'] : ['are', 'their']
  writeStderr(
    `claimlog: ${pluralize(omittedCount, 'task')} ${are} not finished yet and ${are} left out, as ${their} history may still change\n`,
  )
}

/** The length of a random key: that of the hash. */
const keyBytes = 32

/** A shorter key can be guessed. */
const keyBytesMin = 16

const keyHint = 'head -c 32 /dev/urandom > key creates a key'
const keyLimit: InputLimit = { bytesMax: 1024 * 1024, hint: keyHint }

const readKey = (path: string): TE.TaskEither<CliError, Uint8Array> =>
  pipe(
    readBytesArgument(path, keyLimit),
    TE.filterOrElseW(
      key => key.length >= keyBytesMin,
      (key): CliError => ({
        usage: 'bad_input',
        detail: `${path} has ${pluralize(key.length, 'byte')}; a key that short can be guessed`,
        hint: keyHint,
      }),
    ),
  )
