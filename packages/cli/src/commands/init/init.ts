import { resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import {
  defaultDirName,
  ignoreOwnFiles,
  ignoringOf,
  makeWorkspace,
  placeWorkspace,
  type SearchFailure,
  type WorkspacePlace,
} from '@claimlog/discovery'
import type { NewTask } from '@claimlog/domain'
import { backoffArgument, durationArgument, wholeNumberArgument } from '../../input/arguments.ts'
import { shownPath } from '@claimlog/messages'
import { tell } from '../../output/output.ts'
import { initFrom } from './init-from.ts'
import type { CliError } from '../../problem.ts'
import { finish, okDocument, type Output, settingsOf } from '../../run.ts'
import { openSession, type Settings, stampOf } from '../../session.ts'

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
    .action(async (dir: string | undefined, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      const place = placeWorkspace(dir ?? settings.dir)
      const { from } = settings
      const made = from === undefined ? initWorkspace(place, settings) : initFrom(place, resolve(from), settings)
      finish('programs', true, await made)
    })
}

const afterwards = `
A copy of a workspace has its id, and its log is taken for the same one. --from makes it a workspace of its own: a new id,
every event as it was, every line with a new hash. Where DIR is the copy itself, its old log is kept beside the new one.
Tokens go on from where the copy ends, so what is fenced by tokens must not be shared with the other workspace.`

const initWorkspace = async (
  place: E.Either<SearchFailure, WorkspacePlace>,
  settings: Options & Settings,
): Promise<E.Either<CliError, Output>> => {
  if (E.isLeft(place)) return place
  const { dir, mainCheckout } = place.right
  const created = makeWorkspace(dir, settings.force === true)
  if (E.isLeft(created)) return created
  const session = await openSession(dir, settings)
  if (E.isLeft(session)) return session
  const { workspace } = session.right
  try {
    const { lease: leaseMs, maxAttempts, backoff } = settings
    const opened = await workspace.run({
      command: 'open',
      workspace: globalThis.crypto.randomUUID(),
      leaseMs,
      maxAttempts,
      backoff,
      ...stampOf(settings),
    })()
    if (E.isLeft(opened)) return opened
    const status = await workspace.status()
    if (E.isLeft(status)) return status
    const { appended, seq } = opened.right
    if (appended === 0 && (leaseMs !== undefined || maxAttempts !== undefined || backoff !== undefined))
      tell('claimlog: the workspace was there already; its lease, attempts and backoff stay as they are\n')
    if (mainCheckout !== undefined)
      tell(
        `claimlog: this is a linked git worktree, which shares the workspace of its main checkout: ${shownPath(dir)}\n` +
          `  claimlog init ${defaultDirName} makes one for this worktree alone.\n`,
      )
    if (ignoringOf(dir) === 'ineffective')
      tell(
        `claimlog: the .gitignore in ${shownPath(dir)} was there already and stays as it is. So that git neither copies, rewinds\n` +
          '  nor deletes the queue, add these lines to it:\n' +
          ignoreOwnFiles.map(line => `    ${line}\n`).join(''),
      )
    const made = { workspace: status.right.workspace, dir, created: appended > 0, seq }
    return E.right({ json: okDocument(settings, made) })
  } finally {
    await workspace.close()
  }
}
