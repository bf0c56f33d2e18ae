import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { compareKept, type Folded, foldWhole, type Moment } from '@claimlog/workspace'
import { counted, firstDifference, shownPath } from '@claimlog/messages'
import { differenceOfFile, queueFile, queueFileName, writeQueueFile } from '@claimlog/queue-file'
import { allTasks, type State } from '@claimlog/domain'
import { withLockFile } from '@claimlog/event-log-file'
import type { ReplayView } from '@claimlog/wire'
import { atOption } from '../input/arguments.ts'
import type { CliError } from '../problem.ts'
import { withProgress } from '../output/progress.ts'
import { answerPeople, openWorkspace, type Output, type Session, type Settings, settingsOf } from '../run.ts'
import { look } from './looking.ts'

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
    .action((_options, command: Command) => {
      const settings = settingsOf<Options>(command)
      return pipe(replayAs(settings), answerPeople(settings))
    })
}

const replayAs = (settings: Options & Settings): TE.TaskEither<CliError, Output> => {
  if (settings.at === undefined)
    return pipe(
      openWorkspace(settings),
      TE.chainW(session => (settings.check === true ? check(session) : rebuild(session))),
    )
  if (settings.check === true)
    return TE.left({ usage: 'usage', detail: '--check is about queue.json as it is now', mend: 'leave out --at' })
  return look(
    settings,
    state => E.right(queueFile(state)),
    json => ({ json }),
  )
}

/** Folds the whole log from its first line, telling how far it is. */
const foldAll = ({ dir, log }: Session): TE.TaskEither<CliError, Folded> =>
  pipe(
    () => withProgress(dir, 'replayed', report => foldWhole(log, report)),
    TE.filterOrElseW(
      folded => folded.get().workspace !== undefined,
      (): CliError => ({ error: 'no_workspace' }),
    ),
  )

const rebuild = (session: Session): TE.TaskEither<CliError, Output> =>
  pipe(
    foldAll(session),
    TE.map(folded => folded.get()),
    TE.chainFirstW(state => rewriteQueueFile(session, state)),
    TE.map(state => outcome(state, session.dir, 'written')),
  )

const rewriteQueueFile =
  ({ dir, queueFile }: Session, state: State): TE.TaskEither<CliError, void> =>
  async () =>
    (await queueFile.rewrite(() => state))
      ? E.right(undefined)
      : E.left({ usage: 'queue_not_written', path: join(dir, queueFileName) })

const check = (session: Session): TE.TaskEither<CliError, Output> =>
  pipe(
    foldAll(session),
    TE.chainFirstEitherKW(folded => checkQueueFile(session.dir, folded.get())),
    TE.bindTo('folded'),
    TE.bindW('kept', ({ folded }) => checkCheckpoint(session, folded)),
    TE.map(({ folded, kept }) => outcome(folded.get(), session.dir, 'the same', kept)),
  )

const checkQueueFile = (dir: string, state: State): E.Either<CliError, void> => {
  const queuePath = join(dir, queueFileName)
  if (!existsSync(queuePath)) return E.left({ usage: 'queue_differs', detail: 'it is missing' })
  const difference = differenceOfFile(queuePath, take => writeQueueFile(state, take))
  return difference === undefined
    ? E.right(undefined)
    : E.left({ usage: 'queue_differs', detail: firstDifference(difference) })
}

const checkCheckpoint = ({ dir, log }: Session, folded: Folded): TE.TaskEither<CliError, 'the same' | 'none'> =>
  pipe(
    () => compareKept({ dir, log, withLockFile }, folded),
    TE.chainEitherKW(compared =>
      compared.kept === 'other'
        ? E.left<CliError>({ usage: 'checkpoint_differs', detail: compared.detail })
        : E.right(compared.kept),
    ),
  )

const outcome = (
  state: State,
  dir: string,
  queueFile: 'written' | 'the same',
  kept: 'the same' | 'none' = 'none',
): Output => {
  const tasks = allTasks(state).length
  const checkpoint = kept === 'none' ? {} : { checkpoint: kept }
  const andKept = kept === 'none' ? '' : ', and so is the state that is kept'
  const view: ReplayView = { ok: true, seq: state.seq, tasks, queue_file: queueFile, ...checkpoint }
  return {
    json: view,
    text: () =>
      `${counted(state.seq, 'event')} replayed, ${counted(tasks, 'task')}; ${shownPath(join(dir, queueFileName))} is ${queueFile}${andKept}\n`,
  }
}
