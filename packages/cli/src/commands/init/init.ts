import { basename, join, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import {
  runAndClose,
  defaultDirName,
  checkConfigurable,
  configureWorkspace,
  createServerLog,
  ignoreOwnFiles,
  checkIgnored,
  type LogPlace,
  type PlaceOnServer,
  type QueuePlace,
  shellQuote,
  makeWorkspace,
  type NewTask,
  locateWorkspace,
  displayPath,
  type WorkspaceLocation,
} from '@claimlog/client/unstable-internals'
import { parseBackoffArgument, parseDurationArgument, parseWholeNumberArgument } from '../../input/arguments.ts'
import { writeStderr } from '../../output/output.ts'
import { initCopy } from './init-copy.ts'
import type { CliError } from '../../cli-error.ts'
import {
  printForPrograms,
  toCallOptions,
  toOkDocument,
  openSession,
  type CommandOutput,
  type Settings,
  readSettings,
} from '../../run.ts'
import type { InitView } from '@claimlog/wire'

type InitFlags = {
  readonly from?: string
  readonly force?: true
  readonly lease?: number
  readonly maxAttempts?: number
  readonly backoff?: NewTask['backoff']
}

export const init = (program: Command): void => {
  program
    .command('init')
    .argument(
      '[dir]',
      `Directory for events.jsonl, or with --log for a config.json that leads to that log (default: --dir, else ./${defaultDirName}; in a linked git worktree, that of the main checkout)`,
    )
    .description('Create a workspace; an existing one stays as it is')
    .option('--lease <duration>', 'How long a claim lasts unless renewed (default: 15m)', parseDurationArgument)
    .option('--max-attempts <n>', 'Attempts per task (default: 3)', parseWholeNumberArgument)
    .option(
      '--backoff <first..max>',
      'Delay after a failure, doubled each time (default: 10s..1h)',
      parseBackoffArgument,
    )
    .option('--from <file>', 'Start from the history in a copy of another log, as a new workspace')
    .option('--force', 'Allow a directory on a network file system')
    .action((dir: string | undefined, _options, command: Command) => {
      const settings = readSettings<InitFlags>(command)
      const located = locateWorkspace(dir ?? settings.dir)
      const { from } = settings
      return printForPrograms(
        pipe(
          TE.fromEither(located),
          TE.chainW(location => {
            const url = settings.log ?? location.url
            if (from === undefined) return initWorkspace(location, url, settings)
            return url === undefined ? initCopy(location, resolve(from), settings) : TE.left(copyOnServerError)
          }),
        ),
      )
    })
}

const copyOnServerError: CliError = {
  usage: 'usage',
  detail: '--from copies a log into a directory, and --log or config.json names one on a server',
  hint: 'create the copy with claimlog init --from FILE --dir DIR, without CLAIMLOG_LOG',
}

/** Creates a workspace in a directory, or with `url` on a server. What exists stays as it is. */
const initWorkspace = (
  { dir, mainCheckout }: WorkspaceLocation,
  url: string | undefined,
  settings: InitFlags & Settings,
): TE.TaskEither<CliError, CommandOutput> => {
  const { lease: leaseMs, maxAttempts, backoff } = settings
  const defaults = { leaseMs, maxAttempts, backoff }
  const place = toPlace(dir, url, settings.log === undefined)
  return pipe(
    place._tag === 'directory'
      ? TE.fromEither(makeWorkspace(dir, settings.force === true))
      : createOnServer(place, dir, settings.lockTimeout),
    TE.chainW(() => openSession(place, settings)),
    TE.bindTo('session'),
    TE.bindW('made', ({ session: { queue } }) => runAndClose(queue, queue.create(defaults, toCallOptions(settings)))),
    // Last: a configuration whose log could not be created would be in the way of a corrected URL.
    TE.chainFirstEitherKW(() => (url === undefined ? E.right(undefined) : configureWorkspace(dir, url))),
    TE.map(({ session: { place }, made: { workspace, created, seq } }) => {
      if (!created && Object.values(defaults).some(value => value !== undefined)) reportUnusedDefaults()
      if (mainCheckout !== undefined) reportMainCheckout(dir)
      if (checkIgnored(dir) === 'ineffective') reportIgnoreFile(dir)
      const view: InitView = toOkDocument(settings, { workspace, dir, ...toLogField(place), created, seq })
      return { json: view }
    }),
  )
}

const toPlace = (dir: string, url: string | undefined, isNamedByFile: boolean): LogPlace =>
  url === undefined
    ? { _tag: 'directory', dir }
    : { _tag: 'server', url, isNamedByFile, dir: undefined, keepsQueueFile: false }

const toLogField = (place: QueuePlace): { readonly log?: string } => (place._tag === 'server' ? { log: place.url } : {})

const createOnServer = (
  place: PlaceOnServer,
  dir: string,
  lockTimeoutMs: number | undefined,
): TE.TaskEither<CliError, unknown> =>
  pipe(
    TE.fromEither(checkDirName(dir)),
    TE.chainEitherKW(() => checkConfigurable(dir, place.url)),
    TE.chainW(() => createServerLog(place, lockTimeoutMs)),
  )

/** In any other directory a `config.json` may belong to another program, and is not read. */
const checkDirName = (dir: string): E.Either<CliError, void> =>
  basename(dir) === defaultDirName
    ? E.right(undefined)
    : E.left({
        usage: 'usage',
        detail: `${dir} is not named ${defaultDirName}, and only a directory with that name can lead to a log on a server`,
        hint: `for example: claimlog init ${shellQuote(join(dir, defaultDirName))} --log postgres://user@host/database`,
      })

const reportUnusedDefaults = (): void =>
  writeStderr('claimlog: the workspace exists already; its lease, attempts and backoff stay as they are\n')

const reportMainCheckout = (dir: string): void =>
  writeStderr(
    `claimlog: this is a linked git worktree, which shares the workspace of its main checkout: ${displayPath(dir)}\n` +
      `  claimlog init ${defaultDirName} creates one for this worktree only.\n`,
  )

const reportIgnoreFile = (dir: string): void =>
  writeStderr(
    `claimlog: the .gitignore in ${displayPath(dir)} exists already and stays as it is. To keep git from copying, rewinding\n` +
      '  or deleting the queue, add these lines to it:\n' +
      ignoreOwnFiles.map(line => `    ${line}\n`).join(''),
  )
