import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import { compareKept, type Folded, foldWhole, type Moment } from '@claimlog/workspace'
import { counted } from '@claimlog/messages'
import { differenceOfFile, queueFile, queueFileName, writeQueueFile } from '@claimlog/queue-file'
import { allTasks, type Event, type State } from '@claimlog/domain'
import type { EventLog, ReadFailure } from '@claimlog/event-log'
import { withLockFile } from '@claimlog/event-log-file'
import { atOption } from '../input/arguments.ts'
import { firstDifference } from '@claimlog/messages'
import { shownPath } from '@claimlog/messages'
import type { CliError } from '../problem.ts'
import { withProgress } from '../output/progress.ts'
import { finish, type Output, settingsOf } from '../run.ts'
import { look } from './looking.ts'
import { inWorkspace, type Session, type Settings } from '../session.ts'

type Options = { readonly check?: true; readonly at?: Moment }

export const replay = (program: Command): void => {
  program
    .command('replay')
    .description('rebuild the state and queue.json from events.jsonl')
    .option(
      '--check',
      'write nothing; exit code 6 where queue.json or the state that is kept is not what events.jsonl says',
    )
    .addOption(atOption('write nothing; print the queue.json of then: after the event of this seq, or at a time'))
    .action(async (_options, command: Command) => {
      const settings = settingsOf<Options>(command)
      const outcome = await replayed(settings)
      finish('people', settings.json === true, outcome)
    })
}

const replayed = async (settings: Options & Settings): Promise<E.Either<CliError, Output>> => {
  if (settings.at === undefined)
    return inWorkspace(settings, session => (settings.check === true ? check(session) : rebuild(session)))
  if (settings.check === true)
    return E.left({ usage: 'usage', detail: '--check is about queue.json as it is now', mend: 'leave out --at' })
  return look(
    settings,
    state => E.right(queueFile(state)),
    json => ({ json }),
  )
}

/** Folds the whole log from its first line, telling how far it is. */
const foldAll = async (dir: string, log: EventLog<Event>): Promise<E.Either<ReadFailure | CliError, Folded>> => {
  const folded = await withProgress(dir, 'replayed', report => foldWhole(log, report))
  if (E.isLeft(folded)) return folded
  return folded.right.get().workspace === undefined ? E.left({ error: 'no_workspace' }) : folded
}

const rebuild = async ({ dir, log, queueFile }: Session): Promise<E.Either<CliError, Output>> => {
  const folded = await foldAll(dir, log)
  if (E.isLeft(folded)) return folded
  const state = folded.right.get()
  if (!(await queueFile.rewrite(() => state)))
    return E.left({ usage: 'queue_not_written', path: join(dir, queueFileName) })
  return E.right(outcome(state, dir, 'written'))
}

const check = async ({ dir, log }: Session): Promise<E.Either<CliError, Output>> => {
  const folded = await foldAll(dir, log)
  if (E.isLeft(folded)) return folded
  const state = folded.right.get()
  const queuePath = join(dir, queueFileName)
  if (!existsSync(queuePath)) return E.left({ usage: 'queue_differs', detail: 'it is missing' })
  const difference = differenceOfFile(queuePath, take => writeQueueFile(state, take))
  if (difference !== undefined) return E.left({ usage: 'queue_differs', detail: firstDifference(difference) })
  const compared = await compareKept({ dir, log, withLockFile }, folded.right)
  if (E.isLeft(compared)) return compared
  if (compared.right.kept === 'other') return E.left({ usage: 'checkpoint_differs', detail: compared.right.detail })
  return E.right(outcome(state, dir, 'the same', compared.right.kept))
}

const outcome = (
  state: State,
  dir: string,
  queueFile: 'written' | 'the same',
  kept: 'the same' | 'none' = 'none',
): Output => {
  const tasks = allTasks(state).length
  const checkpoint = kept === 'none' ? {} : { checkpoint: kept }
  const andKept = kept === 'none' ? '' : ', and so is the state that is kept'
  return {
    json: { ok: true, seq: state.seq, tasks, queue_file: queueFile, ...checkpoint },
    text: () =>
      `${counted(state.seq, 'event')} replayed, ${counted(tasks, 'task')}; ${shownPath(join(dir, queueFileName))} is ${queueFile}${andKept}\n`,
  }
}
