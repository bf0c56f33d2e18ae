import { dirname } from 'node:path'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { absolutePath, logFileName } from '@claimlog/client/unstable-internals'
import type { CliError } from '../../problem.ts'
import type { Copies, NoOtherCopy } from '@claimlog/reconcile'
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
    TE.bindW('copies', ({ reconciling }) => compareWith(reconciling, session.dir, other)),
    TE.bindW('done', ({ reconciling, copies }) =>
      settings.yes === true ? bringOver(reconciling, session, copies, settings) : tryOut(reconciling, copies),
    ),
    TE.map(({ reconciling: { rulesLeftOut, tokensGivenTwice }, copies, done }) => {
      const view = reconcileView(copies, rulesLeftOut(copies), tokensGivenTwice(copies), done, settings.yes === true)
      return { json: view, text: rendered(({ renderReconcile }) => renderReconcile(view, settings.dir, other)) }
    }),
  )

const compareWith = ({ compareCopies }: Reconciling, dir: string, other: string): TE.TaskEither<CliError, Copies> =>
  pipe(
    compareCopies(dir, other),
    TE.mapLeft((no): CliError => ('notACopy' in no ? noCopy(no) : no)),
  )

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

const noCopy = (why: NoOtherCopy): CliError => {
  const { path } = why
  switch (why.notACopy) {
    case 'missing':
      return badInput(`there is no ${path}`, nameTheOther)
    case 'itself':
      return badInput(`${path} is the log of this workspace itself`, nameTheOther)
    case 'empty':
      return badInput(`${path} has no event`, `name a copy of ${logFileName} that holds the events`)
    case 'other_workspace':
      return badInput(
        `${path} is the log of another workspace, ${why.theirs}, and this one is ${why.ours}`,
        `only copies of one log can be brought together; claimlog list --dir ${dirname(path)} shows what that one holds`,
      )
  }
}

const nameTheOther = `name the other copy: its ${logFileName}, or the directory that holds it`

const badInput = (detail: string, mend: string): CliError => ({ usage: 'bad_input', detail, mend })
