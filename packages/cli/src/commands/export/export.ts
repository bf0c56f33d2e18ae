import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { Argument, type Command } from 'commander'
import { counted, type Event, type Moment, type Status } from '@claimlog/client/unstable-internals'
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
  readonly at?: Moment
  readonly redact?: true
  readonly redactKey?: string
}

const ofTasks: ReadonlyArray<TaskFormat> = ['csv', 'json', 'mermaid', 'dot']
const ofHistory: ReadonlyArray<HistoryFormat> = ['otlp', 'chrome-trace', 'cloudevents', 'log']

export const exportFormat = (program: Command): void => {
  program
    .command('export')
    .addArgument(new Argument('<format>', 'what to write').choices([...ofTasks, ...ofHistory]))
    .description('print the tasks or their history as other programs read them')
    .option('--kind <kind>', 'csv, json, mermaid, dot: only tasks of this kind')
    .addOption(statusOption('csv, json, mermaid, dot: only tasks of this status'))
    .addOption(atOption('csv, json, mermaid, dot: as it was after the event of this seq, or at a time'))
    .option('--redact', 'put hashes in the place of titles, payloads, results, errors, reasons, notes, keys and tags')
    .option('--redact-key <file>', 'redact with the key that this file holds (default: another one each time)')
    .action(async (format: TaskFormat | HistoryFormat, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      const outcome = await exported(format, settings)()
      if (E.isLeft(outcome)) fail(settings.json === true, outcome.left)
    })
}

const isOfHistory = (format: TaskFormat | HistoryFormat): format is HistoryFormat =>
  (ofHistory as ReadonlyArray<string>).includes(format)

type Exporters = typeof ExportersModule

/** What an event is made into before it is exported. */
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
  change: Change | undefined,
  { kind, status, at, ...settings }: Options & Settings,
): TE.TaskEither<CliError, void> =>
  pipe(
    openQueue(settings),
    TE.chainW(queue => exportTasks(queue, out, { kind, status }, { at, change })),
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
        detail: `${format} is made of the whole history`,
        mend: `leave out --kind, --status and --at; ${ofTasks.join(', ')} take them`,
      })
    : pipe(
        openQueue(settings),
        TE.chainW(queue => exportHistory(queue, historyFormats[format](sha256), change)),
        TE.map(tellOfLeftOut),
      )

const tellOfLeftOut = (leftOut: number): void => {
  if (leftOut === 0) return
  const [are, them] = leftOut === 1 ? ['is', 'it'] : ['are', 'them']
  tell(
    `claimlog: ${counted(leftOut, 'task')} ${are} not finished yet and ${are} left out, as what is told of ${them} would change\n`,
  )
}

/** Of a key that nobody will know: as long as the hash. */
const keyBytes = 32

/** Fewer can be guessed. */
const leastKeyBytes = 16

const keyMend = 'head -c 32 /dev/urandom > key makes one'
const keyLimit: InputLimit = { maxBytes: 1024 * 1024, mend: keyMend }

const readKey = (path: string): TE.TaskEither<CliError, Uint8Array> =>
  pipe(
    readFileBytes(path, keyLimit),
    TE.filterOrElseW(
      key => key.length >= leastKeyBytes,
      (key): CliError => ({
        usage: 'bad_input',
        detail: `${path} holds ${counted(key.length, 'byte')}, and a key that short can be guessed`,
        mend: keyMend,
      }),
    ),
  )
