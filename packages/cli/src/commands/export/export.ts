import * as E from 'fp-ts/lib/Either.js'
import { Argument, type Command } from 'commander'
import { counted } from '@claimlog/messages'
import type { Moment } from '@claimlog/workspace'
import type { Status } from '@claimlog/domain'
import type { HistoryFormat, TaskFormat } from '@claimlog/exporters'
import { atOption } from '../../input/arguments.ts'
import { exportHistory } from './export-history.ts'
import { exportTasks } from './export-tasks.ts'
import { type InputLimit, readFileBytes } from '../../input/input-text.ts'
import { tell } from '../../output/output.ts'
import type { CliError } from '../../problem.ts'
import { fail, settingsOf } from '../../run.ts'
import { inWorkspace, type Settings } from '../../session.ts'
import { statusOption } from '../list.ts'

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
      const outcome = await exported(format, settings)
      if (E.isLeft(outcome)) fail(settings.json === true, outcome.left)
    })
}

const isOfHistory = (format: TaskFormat | HistoryFormat): format is HistoryFormat =>
  (ofHistory as ReadonlyArray<string>).includes(format)

const exported = async (
  format: TaskFormat | HistoryFormat,
  settings: Options & Settings,
): Promise<E.Either<CliError, void>> => {
  const { kind, status, at, redact, redactKey } = settings
  const key = redactKey === undefined ? E.right(undefined) : await readKey(redactKey)
  if (E.isLeft(key)) return key
  const { historyFormats, redacting, sha256, taskFormats } = await import('./exporters.ts')
  const changed = redact === true || key.right !== undefined ? redacting(key.right) : undefined
  if (!isOfHistory(format))
    return inWorkspace(settings, session =>
      exportTasks(session, taskFormats[format], { query: { kind, status }, at }, changed),
    )
  if ((kind ?? status ?? at) !== undefined)
    return E.left({
      usage: 'usage',
      detail: `${format} is made of the whole history`,
      mend: `leave out --kind, --status and --at; ${ofTasks.join(', ')} take them`,
    })
  const left = await inWorkspace(settings, session =>
    exportHistory(session, historyFormats[format](sha256), changed ?? (event => event)),
  )
  if (E.isLeft(left)) return left
  if (left.right > 0) {
    const [are, them] = left.right === 1 ? ['is', 'it'] : ['are', 'them']
    tell(
      `claimlog: ${counted(left.right, 'task')} ${are} not finished yet and ${are} left out, as what is told of ${them} would change\n`,
    )
  }
  return E.right(undefined)
}

/** Fewer can be guessed. */
const leastKeyBytes = 16

const keyMend = 'head -c 32 /dev/urandom > key makes one'
const keyLimit: InputLimit = { maxBytes: 1024 * 1024, mend: keyMend }

const readKey = async (path: string): Promise<E.Either<CliError, Uint8Array>> => {
  const key = await readFileBytes(path, keyLimit)
  if (E.isLeft(key) || key.right.length >= leastKeyBytes) return key
  const detail = `${path} holds ${counted(key.right.length, 'byte')}, and a key that short can be guessed`
  return E.left({ usage: 'bad_input', detail, mend: keyMend })
}
