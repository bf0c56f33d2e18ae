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
    .argument('<file>', 'Another copy of this log, or the directory that contains it')
    .description('Compare another copy of this log that has diverged; with --yes, bring its work over')
    .option('--yes', 'Bring the work over')
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
This log is only appended to. Tasks that only the other copy has are added; tasks that it completed and that are open here
are claimed and completed in the name of the same worker; all its other events become notes. Running it again changes
nothing. Rules of kinds (pause, resume, limit) that only the other copy has are listed, not copied. Tokens that both copies
issued are listed: check every resource that is fenced by them. If only the other copy has new events, its lines are appended
unchanged.`

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
    TE.map(
      ({ reconciling: { findUnmergedRules: rulesLeftOut, findDuplicateTokens: tokensGivenTwice }, copies, done }) => {
        const view = reconcileView(copies, rulesLeftOut(copies), tokensGivenTwice(copies), done, settings.yes === true)
        return { json: view, text: rendered(({ renderReconcile }) => renderReconcile(view, settings.dir, other)) }
      },
    ),
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
    reconciling.mergeCopy(log, copies, workspace.run, by),
    TE.bindTo('done'),
    TE.bindW('status', () => readAndRefresh(queue, queue.status())),
    TE.map(({ done, status: { seq } }) => ({ ...done, seq })),
  )

const tryOut = (reconciling: Reconciling, copies: Copies): TE.TaskEither<CliError, Reconciled> =>
  pipe(
    reconciling.dryRunMerge(copies),
    TE.map(done => ({ ...done, seq: undefined })),
  )

const noCopy = (why: NoOtherCopy): CliError => {
  const { path } = why
  switch (why.notACopy) {
    case 'missing':
      return badInput(`${path} does not exist`, nameTheOther)
    case 'itself':
      return badInput(`${path} is the log of this workspace itself`, nameTheOther)
    case 'empty':
      return badInput(`${path} contains no event`, `name a copy of ${logFileName} that has the events`)
    case 'other_workspace':
      return badInput(
        `${path} is the log of another workspace, ${why.theirs}; this one is ${why.ours}`,
        `only copies of the same log can be reconciled; claimlog list --dir ${dirname(path)} shows the tasks of that one`,
      )
  }
}

const nameTheOther = `name the other copy: its ${logFileName}, or the directory that contains it`

const badInput = (detail: string, mend: string): CliError => ({ usage: 'bad_input', detail, mend })
