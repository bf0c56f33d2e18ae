import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { absolutePath } from '@claimlog/discovery'
import { logFileName } from '@claimlog/event-log-file'
import type { CliError } from '../../problem.ts'
import type { Copies, NotACopy } from '@claimlog/reconcile'
import { type Reconciled, reconcileView } from './reconcile-view.ts'
import {
  answerPeople,
  openWorkspace,
  type Output,
  readAndRefresh,
  rendered,
  type Session,
  type Settings,
  settingsOf,
} from '../../run.ts'
import type * as ReconcilingModule from '@claimlog/reconcile'

type Options = { readonly yes?: true }

export const reconcile = (program: Command): void => {
  program
    .command('reconcile')
    .argument('<file>', 'another copy of this log, or the directory that holds it')
    .description('compare another copy of this log that went on; with --yes, bring its work over')
    .option('--yes', 'do it')
    .addHelpText('after', afterwards)
    .action((file: string, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      return pipe(
        TE.fromEither(absolutePath(file)),
        TE.bindTo('other'),
        TE.bindW('session', () => openWorkspace(settings)),
        TE.chainW(({ other, session }) => reconcileWith(session, other, settings)),
        answerPeople(settings),
      )
    })
}

const afterwards = `
Nothing of this log is changed but by appending: tasks that only the other copy added are added, what it finished and is
open here is claimed and completed by the worker who did it, and all else it says of a task becomes a note. Doing it again
changes nothing. Rules of kinds (pause, resume, limit) that only the other copy has are named and left to you. Tokens that
both copies gave are named: whatever is fenced by tokens must know. A log that only lacks what the other copy has gets its
lines as they are.`

type Reconciling = typeof ReconcilingModule

const reconcileWith = (
  session: Session,
  other: string,
  settings: Options & Settings,
): TE.TaskEither<CliError, Output> =>
  pipe(
    TE.fromTask<Reconciling>(() => import('@claimlog/reconcile')),
    TE.bindTo('reconciling'),
    TE.bindW('copies', ({ reconciling }) => compareCopies(reconciling, session.dir, findLogFile(other))),
    TE.bindW('done', ({ reconciling, copies }) =>
      settings.yes === true ? bringOver(reconciling, session, copies, settings) : tryOut(reconciling, copies),
    ),
    TE.map(({ reconciling: { rulesLeftOut, tokensGivenTwice }, copies, done }) => {
      const view = reconcileView(copies, rulesLeftOut(copies), tokensGivenTwice(copies), done, settings.yes === true)
      return { json: view, text: rendered(({ renderReconcile }) => renderReconcile(view, settings.dir, other)) }
    }),
  )

const compareCopies = (
  { compareLogs }: Reconciling,
  dir: string,
  theirPath: string,
): TE.TaskEither<CliError, Copies> => {
  const ourPath = join(dir, logFileName)
  if (statSync(theirPath, { throwIfNoEntry: false }) === undefined) return TE.left(missing(theirPath))
  if (isSameFile(ourPath, theirPath)) return TE.left(itself(theirPath))
  return pipe(
    compareLogs(ourPath, theirPath),
    TE.mapLeft((no): CliError => ('notACopy' in no ? noCopy(no, theirPath) : no)),
  )
}

const bringOver = (
  reconciling: Reconciling,
  { log, queue, workspace }: Session,
  copies: Copies,
  { by }: Settings,
): TE.TaskEither<CliError, Reconciled> =>
  pipe(
    reconciling.bringOver(log, copies, workspace.run, by),
    TE.bindTo('done'),
    TE.bindW('status', () => readAndRefresh(queue, queue.status())),
    TE.map(({ done, status: { seq } }) => ({ ...done, seq })),
  )

const tryOut = (reconciling: Reconciling, copies: Copies): TE.TaskEither<CliError, Reconciled> =>
  pipe(
    reconciling.tryOut(copies),
    TE.map(done => ({ ...done, seq: undefined })),
  )

/** The log that `path` names: itself, or in the directory that it is. */
const findLogFile = (path: string): string =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? join(path, logFileName) : path

const isSameFile = (one: string, other: string): boolean => {
  const [a, b] = [one, other].map(path => statSync(path, { throwIfNoEntry: false }))
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev
}

const missing = (path: string): CliError => ({
  usage: 'bad_input',
  detail: `there is no ${path}`,
  mend: `name the other copy: its ${logFileName}, or the directory that holds it`,
})

const itself = (path: string): CliError => ({
  usage: 'bad_input',
  detail: `${path} is the log of this workspace itself`,
  mend: `name the other copy: its ${logFileName}, or the directory that holds it`,
})

const noCopy = (why: NotACopy, path: string): CliError => ({
  usage: 'bad_input',
  detail:
    why.notACopy === 'empty'
      ? `${why.path} has no event`
      : `${path} is the log of another workspace, ${why.theirs}, and this one is ${why.ours}`,
  mend:
    why.notACopy === 'empty'
      ? `name a copy of ${logFileName} that holds the events`
      : `only copies of one log can be brought together; claimlog list --dir ${dirname(path)} shows what that one holds`,
})
