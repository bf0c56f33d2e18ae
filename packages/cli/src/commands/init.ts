import { resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import { createFileLog } from '@claimlog/event-log-file'
import { defaultDirName } from '@claimlog/coordinator/workspace'
import type { NewTask } from '@claimlog/domain'
import { backoffArgument, durationArgument, wholeNumberArgument } from '../arguments.ts'
import { tell } from '../output.ts'
import type { CliError } from '../problem.ts'
import { finish, okDocument, type Output, settingsOf } from '../run.ts'
import { openSession, type Settings, stampOf } from '../session.ts'

type Options = {
  readonly force?: true
  readonly lease?: number
  readonly maxAttempts?: number
  readonly backoff?: NewTask['backoff']
}

export const init = (program: Command): void => {
  program
    .command('init')
    .argument('[dir]', `the directory that shall hold events.jsonl (default: --dir, else ./${defaultDirName})`)
    .description('make a workspace; one that is there stays as it is')
    .option('--lease <duration>', 'how long a claim lasts unless renewed (default: 15m)', durationArgument)
    .option('--max-attempts <n>', 'how often a task is tried (default: 3)', wholeNumberArgument)
    .option('--backoff <first..max>', 'the wait after a failure, doubled each time (default: 10s..1h)', backoffArgument)
    .option('--force', 'take a directory on a network file system')
    .action(async (dir: string | undefined, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      finish('programs', true, await initWorkspace(resolve(dir ?? settings.dir ?? defaultDirName), settings))
    })
}

const initWorkspace = async (dir: string, settings: Options & Settings): Promise<E.Either<CliError, Output>> => {
  const created = createFileLog(dir, settings.force === true)
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
    const made = { workspace: status.right.workspace, dir, created: appended > 0, seq }
    return E.right({ json: okDocument(settings, made) })
  } finally {
    await workspace.close()
  }
}
