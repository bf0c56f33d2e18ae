import { dirname } from 'node:path'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { absolutePath, findWorkspace, logFileName } from '@claimlog/client/unstable-internals'
import type { CliError } from '../../cli-error.ts'
import type { Copies, NoOtherCopy } from '@claimlog/reconcile'
import { type ReconcileResult, toReconcileView } from './reconcile-view.ts'
import {
  printForPeople,
  openWorkspace,
  type CommandOutput,
  queryAndRefresh,
  renderLazily,
  type Session,
  type Settings,
  readSettings,
} from '../../run.ts'
import type * as ReconcileModule from '@claimlog/reconcile'

type ReconcileFlags = { readonly yes?: true }

export const reconcile = (program: Command): void => {
  program
    .command('reconcile')
    .argument('<file>', 'Another copy of this log, or the directory that contains it')
    .description('Compare another copy of this log that has diverged; with --yes, bring its work over')
    .option('--yes', 'Bring the work over')
    .action((file: string, _options, command: Command) => {
      const settings = readSettings<ReconcileFlags>(command)
      return pipe(
        TE.fromEither(absolutePath(file)),
        TE.bindTo('otherPath'),
        TE.bindW('dir', () => TE.fromEither(findWorkspace(settings))),
        TE.bindW('session', () => openWorkspace(settings)),
        TE.chainW(({ otherPath, dir, session }) => runReconcile(session, dir, otherPath, settings)),
        printForPeople(settings),
      )
    })
}

type ReconcilePackage = typeof ReconcileModule

const runReconcile = (
  session: Session,
  dir: string,
  otherPath: string,
  settings: ReconcileFlags & Settings,
): TE.TaskEither<CliError, CommandOutput> =>
  pipe(
    TE.fromTask<ReconcilePackage>(() => import('@claimlog/reconcile')),
    TE.bindTo('reconcilePackage'),
    TE.bindW('copies', ({ reconcilePackage }) => openCopies(reconcilePackage, dir, otherPath)),
    TE.bindW('result', ({ reconcilePackage, copies }) =>
      settings.yes === true
        ? mergeAndRefresh(reconcilePackage, session, copies, settings)
        : previewMerge(reconcilePackage, session, copies),
    ),
    TE.map(({ reconcilePackage: { findUnmergedRules, findDuplicateTokens }, copies, result }) => {
      const rules = findUnmergedRules(copies)
      const view = toReconcileView(copies, rules, findDuplicateTokens(copies), result, settings.yes === true)
      return {
        json: view,
        text: renderLazily(({ renderReconcile }) => renderReconcile(view, settings.dir, otherPath)),
      }
    }),
  )

const openCopies = (
  { compareCopies }: ReconcilePackage,
  dir: string,
  otherPath: string,
): TE.TaskEither<CliError, Copies> =>
  pipe(
    compareCopies(dir, otherPath),
    TE.mapLeft((error): CliError => ('notACopy' in error ? toCopyError(error) : error)),
  )

const mergeAndRefresh = (
  reconcilePackage: ReconcilePackage,
  { log, queue, workspace }: Session,
  copies: Copies,
  { by }: Settings,
): TE.TaskEither<CliError, ReconcileResult> =>
  pipe(
    reconcilePackage.mergeCopy(log, copies, workspace.run, by),
    TE.bindTo('result'),
    TE.bindW('status', () => queryAndRefresh(queue, queue.status())),
    TE.map(({ result, status: { seq } }) => ({ ...result, seq })),
  )

const previewMerge = (
  reconcilePackage: ReconcilePackage,
  { log }: Session,
  copies: Copies,
): TE.TaskEither<CliError, ReconcileResult> =>
  pipe(
    reconcilePackage.dryRunMerge(log, copies),
    TE.map(result => ({ ...result, seq: undefined })),
  )

const toCopyError = (reason: NoOtherCopy): CliError => {
  const { path } = reason
  switch (reason.notACopy) {
    case 'missing':
      return toBadInput(`${path} does not exist`, otherCopyHint)
    case 'itself':
      return toBadInput(`${path} is the log of this workspace itself`, otherCopyHint)
    case 'empty':
      return toBadInput(`${path} contains no event`, `name a copy of ${logFileName} that has the events`)
    case 'other_workspace':
      return toBadInput(
        `${path} is the log of another workspace, ${reason.theirs}; this one is ${reason.ours}`,
        `only copies of the same log can be reconciled; claimlog list --dir ${dirname(path)} shows the tasks of that one`,
      )
  }
}

const otherCopyHint = `name the other copy: its ${logFileName}, or the directory that contains it`

const toBadInput = (detail: string, hint: string): CliError => ({ usage: 'bad_input', detail, hint })
