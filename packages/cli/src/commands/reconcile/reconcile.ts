import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import { absolutePath } from '@claimlog/discovery'
import { logFileName } from '@claimlog/event-log-file'
import type { CliError } from '../../problem.ts'
import type { Copies, NotACopy } from '@claimlog/reconcile'
import { type Reconciled, reconcileView } from './reconcile-view.ts'
import { finish, type Output, settingsOf } from '../../run.ts'
import { inWorkspace, readAndRefresh, type Session, type Settings } from '../../session.ts'

type Options = { readonly yes?: true }

export const reconcile = (program: Command): void => {
  program
    .command('reconcile')
    .argument('<file>', 'another copy of this log, or the directory that holds it')
    .description('compare another copy of this log that went on; with --yes, bring its work over')
    .option('--yes', 'do it')
    .addHelpText('after', afterwards)
    .action(async (file: string, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      const other = absolutePath(file)
      const done = E.isLeft(other)
        ? other
        : await inWorkspace(settings, session => reconcileWith(session, other.right, settings))
      finish('people', settings.json === true, done)
    })
}

const afterwards = `
Nothing of this log is changed but by appending: tasks that only the other copy added are added, what it finished and is
open here is claimed and completed by the worker who did it, and all else it says of a task becomes a note. Doing it again
changes nothing. Rules of kinds (pause, resume, limit) that only the other copy has are named and left to you. Tokens that
both copies gave are named: whatever is fenced by tokens must know. A log that only lacks what the other copy has gets its
lines as they are.`

const reconcileWith = async (
  session: Session,
  other: string,
  settings: Options & Settings,
): Promise<E.Either<CliError, Output>> => {
  const { compareLogs, rulesLeftOut, tokensGivenTwice } = await import('@claimlog/reconcile')
  const ourPath = join(session.dir, logFileName)
  const theirPath = logAt(other)
  if (statSync(theirPath, { throwIfNoEntry: false }) === undefined) return E.left(missing(theirPath))
  if (isSameFile(ourPath, theirPath)) return E.left(itself(theirPath))
  const compared = await compareLogs(ourPath, theirPath)
  if (E.isLeft(compared)) return E.left('notACopy' in compared.left ? noCopy(compared.left, theirPath) : compared.left)
  const copies = compared.right
  const done = settings.yes === true ? await bringOver(session, copies, settings) : await tryOut(copies)
  if (E.isLeft(done)) return done
  const { renderReconcile } = await import('../../render/index.ts')
  const view = reconcileView(copies, rulesLeftOut(copies), tokensGivenTwice(copies), done.right, settings.yes === true)
  return E.right({ json: view, text: () => renderReconcile(view, settings.dir, other) })
}

/** Whether our log only lacks what the other one has. */
const isBehind = ({ ours, theirs }: Copies): boolean => ours.tail.length === 0 && theirs.tail.length > 0

const tryOut = async (copies: Copies): Promise<E.Either<CliError, Reconciled>> => {
  if (isBehind(copies)) return E.right({ outcomes: [], appended: true, seq: undefined })
  const { carryOut, planSteps, trialOn } = await import('@claimlog/reconcile')
  const outcomes = await carryOut(planSteps(copies), defaultBy, trialOn(copies.ours.state))
  return E.isLeft(outcomes) ? outcomes : E.right({ outcomes: outcomes.right, appended: false, seq: undefined })
}

/** Who gave the orders that bring work over, unless somebody says who. */
const defaultBy = 'reconcile'

const bringOver = async (
  session: Session,
  copies: Copies,
  { by = defaultBy }: Settings,
): Promise<E.Either<CliError, Reconciled>> => {
  const { workspace, log } = session
  const { appendTail, carryOut, planSteps, spendTokens } = await import('@claimlog/reconcile')
  const { theirs } = copies
  if (isBehind(copies)) {
    const appended = await appendTail(log, copies)
    if (appended !== undefined && E.isLeft(appended)) return appended
    const seen = appended === undefined ? undefined : await readAndRefresh(session, workspace.status)
    if (seen !== undefined)
      return E.isLeft(seen) ? seen : E.right({ outcomes: [], appended: true, seq: seen.right.seq })
  }
  const outcomes = await carryOut(planSteps(copies), by, order => workspace.run(order)())
  if (E.isLeft(outcomes)) return outcomes
  const spent = await spendTokens(log, theirs.state.seq, theirs.path, by)
  if (E.isLeft(spent)) return spent
  const seen = await readAndRefresh(session, workspace.status)
  return E.isLeft(seen) ? seen : E.right({ outcomes: outcomes.right, appended: false, seq: seen.right.seq })
}

/** The log that `path` names: itself, or in the directory that it is. */
const logAt = (path: string): string =>
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
