import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { Argument, type Command } from 'commander'
import { pluralize, type Event, type PointInTime, type Status } from '@claimlog/client/unstable-internals'
import type { HistoryFormat, TaskExport, TaskFormat } from '@claimlog/exporters'
import { atOption } from '../../input/arguments.ts'
import { exportHistory } from './export-history.ts'
import { exportTasks } from './export-tasks.ts'
import { type InputLimit, readFileBytes } from '../../input/input-text.ts'
import { tell } from '../../output/output.ts'
import type { CliError } from '../../problem.ts'
import { fail, openQueue, type Settings, settingsOf } from '../../run.ts'
import { statusOption } from '../list.ts'
import type * as ExportersModule from '@claimlog/exporters'

type Options = {
  readonly kind?: string
  readonly status?: Status
  readonly at?: PointInTime
  readonly redact?: true
  readonly redactKey?: string
}

const ofTasks: ReadonlyArray<TaskFormat> = ['csv', 'json', 'mermaid', 'dot']
const ofHistory: ReadonlyArray<HistoryFormat> = ['otlp', 'chrome-trace', 'cloudevents', 'log']

export const exportFormat = (program: Command): void => {
  program
    .command('export')
    .addArgument(new Argument('<format>', 'Output format').choices([...ofTasks, ...ofHistory]))
    .description('Print the tasks or their history in a format for other programs')
    .option('--kind <kind>', 'Only tasks of this kind (csv, json, mermaid, dot)')
    .addOption(statusOption('Only tasks with this status (csv, json, mermaid, dot)'))
    .addOption(atOption('Tasks as they were after the event with this seq, or at a time (csv, json, mermaid, dot)'))
    .option('--redact', 'Replace titles, payloads, results, errors, reasons, notes, keys and tags with hashes')
    .option('--redact-key <file>', 'Redact with the key in this file (default: a new random key each time)')
    .action(async (format: TaskFormat | HistoryFormat, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      const outcome = await exported(format, settings)()
      if (E.isLeft(outcome)) fail(settings.json === true, outcome.left)
    })
}

const isOfHistory = (format: TaskFormat | HistoryFormat): format is HistoryFormat =>
  (ofHistory as ReadonlyArray<string>).includes(format)

type Exporters = typeof ExportersModule

/** A transformation of events before they are exported. */
type Change = (event: Event) => Event

const exported = (format: TaskFormat | HistoryFormat, settings: Options & Settings): TE.TaskEither<CliError, void> =>
  pipe(
    settings.redactKey === undefined ? TE.right(undefined) : readKey(settings.redactKey),
    TE.bindTo('key'),
    TE.bindW('exporters', () => TE.fromTask<Exporters>(() => import('@claimlog/exporters'))),
    TE.chainW(({ key, exporters }) => {
      const change =
        settings.redact === true || key !== undefined
          ? exporters.redactLog(exporters.keyedMask(key ?? crypto.getRandomValues(new Uint8Array(keyBytes))))
          : undefined
      return isOfHistory(format)
        ? exportWholeHistory(format, exporters, change ?? (event => event), settings)
        : exportChosenTasks(exporters.taskFormats[format], change, settings)
    }),
  )

const exportChosenTasks = (
  out: TaskExport,
  transform: Change | undefined,
  { kind, status, at, ...settings }: Options & Settings,
): TE.TaskEither<CliError, void> =>
  pipe(
    openQueue(settings),
    TE.chainW(queue => exportTasks(queue, out, { kind, status }, { at, transform })),
  )

const exportWholeHistory = (
  format: HistoryFormat,
  { historyFormats, sha256 }: Exporters,
  change: Change,
  { kind, status, at, ...settings }: Options & Settings,
): TE.TaskEither<CliError, void> =>
  (kind ?? status ?? at) !== undefined
    ? TE.left({
        usage: 'usage',
        detail: `${format} exports the whole history`,
        mend: `omit --kind, --status and --at; ${ofTasks.join(', ')} accept them`,
      })
    : pipe(
        openQueue(settings),
        TE.chainW(queue => exportHistory(queue, historyFormats[format](sha256), change)),
        TE.map(tellOfLeftOut),
      )

const tellOfLeftOut = (leftOut: number): void => {
  if (leftOut === 0) return
  const [are, their] = leftOut === 1 ? ['is', 'its'] : ['are', 'their']
  tell(
    `claimlog: ${pluralize(leftOut, 'task')} ${are} not finished yet and ${are} left out, as ${their} history may still change\n`,
  )
}

/** The length of a random key: that of the hash. */
const keyBytes = 32

/** A shorter key can be guessed. */
const leastKeyBytes = 16

const keyMend = 'head -c 32 /dev/urandom > key creates a key'
const keyLimit: InputLimit = { maxBytes: 1024 * 1024, mend: keyMend }

const readKey = (path: string): TE.TaskEither<CliError, Uint8Array> =>
  pipe(
    readFileBytes(path, keyLimit),
    TE.filterOrElseW(
      key => key.length >= leastKeyBytes,
      (key): CliError => ({
        usage: 'bad_input',
        detail: `${path} has ${pluralize(key.length, 'byte')}; a key that short can be guessed`,
        mend: keyMend,
      }),
    ),
  )
