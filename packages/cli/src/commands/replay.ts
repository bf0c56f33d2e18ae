import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { pluralize, type PointInTime, queueFile, queueFileName, displayPath } from '@claimlog/client/unstable-internals'
import {
  compareDerived,
  type DerivedFileDifference,
  rebuildQueueFile,
  type ReplayResult,
} from '@claimlog/doctor/replay'
import type { ReplayView } from '@claimlog/wire'
import { atOption } from '../input/arguments.ts'
import type { CliError } from '../problem.ts'
import { withProgress } from '../output/progress.ts'
import { answerPeople, openWorkspace, type Output, type Session, type Settings, settingsOf } from '../run.ts'
import { look } from './looking.ts'

type Options = { readonly check?: true; readonly at?: PointInTime }

export const replay = (program: Command): void => {
  program
    .command('replay')
    .description('Rebuild the state and queue.json from events.jsonl')
    .option('--check', 'Write nothing; exit code 6 if queue.json or the checkpoint does not match events.jsonl')
    .addOption(atOption('Write nothing; print queue.json as it was after the event with this seq, or at a time'))
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
    return TE.left({ usage: 'usage', detail: '--check compares the current queue.json', mend: 'omit --at' })
  return look(
    settings,
    state => E.right(queueFile(state)),
    json => ({ json }),
  )
}

const rebuild = (session: Session): TE.TaskEither<CliError, Output> =>
  pipe(
    rebuildQueueFile(session, fold => withProgress(session.dir, 'replayed', fold)),
    TE.mapLeft(failure => ('notWritten' in failure ? queueNotWritten(failure.notWritten) : failure)),
    TE.map(replayed => outcome(session.dir, replayed, 'written')),
  )

const check = (session: Session): TE.TaskEither<CliError, Output> =>
  pipe(
    compareDerived(session, fold => withProgress(session.dir, 'replayed', fold)),
    TE.mapLeft(failure => ('differs' in failure ? differing(failure) : failure)),
    TE.map(replayed => outcome(session.dir, replayed, 'the same', replayed.checkpoint)),
  )

const queueNotWritten = (path: string): CliError => ({ usage: 'queue_not_written', path })

const differing = ({ differs, detail }: DerivedFileDifference): CliError => ({
  usage: differs === 'queue_file' ? 'queue_differs' : 'checkpoint_differs',
  detail,
})

const outcome = (
  dir: string,
  { seq, tasks }: ReplayResult,
  queueFile: 'written' | 'the same',
  kept: 'the same' | 'none' = 'none',
): Output => {
  const checkpoint = kept === 'none' ? {} : { checkpoint: kept }
  const andKept = kept === 'none' ? '' : ', and so is the checkpoint'
  const view: ReplayView = { ok: true, seq, tasks, queue_file: queueFile, ...checkpoint }
  return {
    json: view,
    text: () =>
      `${pluralize(seq, 'event')} replayed, ${pluralize(tasks, 'task')}; ${displayPath(join(dir, queueFileName))} is ${queueFile}${andKept}\n`,
  }
}
