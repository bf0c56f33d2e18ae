import { resolve } from 'node:path'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import {
  closeAfter,
  defaultDirName,
  ignoreOwnFiles,
  ignoringOf,
  makeWorkspace,
  type NewTask,
  placeWorkspace,
  shownPath,
  type WorkspacePlace,
} from '@claimlog/client/unstable-internals'
import { backoffArgument, durationArgument, wholeNumberArgument } from '../../input/arguments.ts'
import { tell } from '../../output/output.ts'
import { initFrom } from './init-from.ts'
import type { CliError } from '../../problem.ts'
import {
  answerPrograms,
  callOptions,
  okDocument,
  openSession,
  type Output,
  type Settings,
  settingsOf,
} from '../../run.ts'
import type { InitView } from '@claimlog/wire'

type Options = {
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
      `the directory that shall hold events.jsonl (default: --dir, else ./${defaultDirName}, in a linked git worktree the main checkout's)`,
    )
    .description('make a workspace; one that is there stays as it is')
    .option('--lease <duration>', 'how long a claim lasts unless renewed (default: 15m)', durationArgument)
    .option('--max-attempts <n>', 'how often a task is tried (default: 3)', wholeNumberArgument)
    .option('--backoff <first..max>', 'the wait after a failure, doubled each time (default: 10s..1h)', backoffArgument)
    .option('--from <file>', 'begin with the history of a copy of another log, as a workspace of its own')
    .option('--force', 'take a directory on a network file system')
    .addHelpText('after', afterwards)
    .action((dir: string | undefined, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      const place = placeWorkspace(dir ?? settings.dir)
      const { from } = settings
      return answerPrograms(
        pipe(
          TE.fromEither(place),
          TE.chainW(at => (from === undefined ? initWorkspace(at, settings) : initFrom(at, resolve(from), settings))),
        ),
      )
    })
}

const afterwards = `
A copy of a workspace has its id, and its log is taken for the same one. --from makes it a workspace of its own: a new id,
every event as it was, every line with a new hash. Where DIR is the copy itself, its old log is kept beside the new one.
Tokens go on from where the copy ends, so what is fenced by tokens must not be shared with the other workspace.`

const initWorkspace = (
  { dir, mainCheckout }: WorkspacePlace,
  settings: Options & Settings,
): TE.TaskEither<CliError, Output> => {
  const { lease: leaseMs, maxAttempts, backoff } = settings
  const defaults = { leaseMs, maxAttempts, backoff }
  return pipe(
    TE.fromEither(makeWorkspace(dir, settings.force === true)),
    TE.chainW(() => openSession(dir, settings)),
    TE.chainW(({ queue }) => closeAfter(queue, queue.begin(defaults, callOptions(settings)))),
    TE.map(({ workspace, created, seq }) => {
      if (!created && Object.values(defaults).some(value => value !== undefined)) tellOfOldDefaults()
      if (mainCheckout !== undefined) tellOfMainCheckout(dir)
      if (ignoringOf(dir) === 'ineffective') tellOfIgnoreFile(dir)
      const view: InitView = okDocument(settings, { workspace, dir, created, seq })
      return { json: view }
    }),
  )
}

const tellOfOldDefaults = (): void =>
  tell('claimlog: the workspace was there already; its lease, attempts and backoff stay as they are\n')

const tellOfMainCheckout = (dir: string): void =>
  tell(
    `claimlog: this is a linked git worktree, which shares the workspace of its main checkout: ${shownPath(dir)}\n` +
      `  claimlog init ${defaultDirName} makes one for this worktree alone.\n`,
  )

const tellOfIgnoreFile = (dir: string): void =>
  tell(
    `claimlog: the .gitignore in ${shownPath(dir)} was there already and stays as it is. So that git neither copies, rewinds\n` +
      '  nor deletes the queue, add these lines to it:\n' +
      ignoreOwnFiles.map(line => `    ${line}\n`).join(''),
  )
