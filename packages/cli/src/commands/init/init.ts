import { resolve } from 'node:path'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import {
  runAndClose,
  defaultDirName,
  ignoreOwnFiles,
  checkIgnored,
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
      `Directory for events.jsonl (default: --dir, else ./${defaultDirName}; in a linked git worktree, that of the main checkout)`,
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
          TE.chainW(location =>
            from === undefined ? initWorkspace(location, settings) : initCopy(location, resolve(from), settings),
          ),
        ),
      )
    })
}

const initWorkspace = (
  { dir, mainCheckout }: WorkspaceLocation,
  settings: InitFlags & Settings,
): TE.TaskEither<CliError, CommandOutput> => {
  const { lease: leaseMs, maxAttempts, backoff } = settings
  const defaults = { leaseMs, maxAttempts, backoff }
  return pipe(
    TE.fromEither(makeWorkspace(dir, settings.force === true)),
    TE.chainW(() => openSession(dir, settings)),
    TE.chainW(({ queue }) => runAndClose(queue, queue.create(defaults, toCallOptions(settings)))),
    TE.map(({ workspace, created, seq }) => {
      if (!created && Object.values(defaults).some(value => value !== undefined)) reportUnusedDefaults()
      if (mainCheckout !== undefined) reportMainCheckout(dir)
      if (checkIgnored(dir) === 'ineffective') reportIgnoreFile(dir)
      const view: InitView = toOkDocument(settings, { workspace, dir, created, seq })
      return { json: view }
    }),
  )
}

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
