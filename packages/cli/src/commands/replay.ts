import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import {
  logDirectory,
  pluralize,
  type PointInTime,
  queueFile,
  queueFileName,
  displayPath,
} from '@claimlog/client/unstable-internals'
import {
  compareDerived,
  type DerivedFileDifference,
  rebuildQueueFile,
  type ReplayResult,
} from '@claimlog/doctor/replay'
import type { ReplayView } from '@claimlog/wire'
import { createAtOption } from '../input/arguments.ts'
import type { CliError } from '../cli-error.ts'
import { withProgress } from '../output/progress.ts'
import { printForPeople, openWorkspace, type CommandOutput, type Session, type Settings, readSettings } from '../run.ts'
import { runQuery } from './run-query.ts'

type ReplayFlags = { readonly check?: true; readonly at?: PointInTime }

export const replay = (program: Command): void => {
  program
    .command('replay')
    .description('Rebuild the state and queue.json from events.jsonl')
    .option('--check', 'Write nothing; exit code 6 if queue.json or the checkpoint does not match events.jsonl')
    .addOption(createAtOption('Write nothing; print queue.json as it was after the event with this seq, or at a time'))
    .action((_options, command: Command) => {
      const settings = readSettings<ReplayFlags>(command)
      return pipe(runReplay(settings), printForPeople(settings))
    })
}

const runReplay = (settings: ReplayFlags & Settings): TE.TaskEither<CliError, CommandOutput> => {
  if (settings.at === undefined)
    return pipe(
      openWorkspace(settings),
      TE.chainW(session => (settings.check === true ? check(session) : rebuild(session))),
    )
  if (settings.check === true)
    return TE.left({ usage: 'usage', detail: '--check compares the current queue.json', hint: 'omit --at' })
  return runQuery(
    settings,
    state => E.right(queueFile(state)),
    json => ({ json }),
  )
}

const rebuild = (session: Session): TE.TaskEither<CliError, CommandOutput> =>
  pipe(
    TE.fromEither(requireQueueFile(session)),
    TE.chainW(parts => rebuildQueueFile(parts, work => withProgress(logDirectory(session.place), 'replayed', work))),
    TE.mapLeft(failure => ('notWritten' in failure ? toWriteError(failure.notWritten) : failure)),
    TE.map(replayed => toReplayOutput(session.place.dir, replayed, 'written')),
  )

const check = (session: Session): TE.TaskEither<CliError, CommandOutput> =>
  pipe(
    TE.fromEither(requireQueueFile(session)),
    TE.chainW(parts => compareDerived(parts, work => withProgress(logDirectory(session.place), 'replayed', work))),
    TE.mapLeft(failure => ('differs' in failure ? toDifferenceError(failure) : failure)),
    TE.map(replayed => toReplayOutput(session.place.dir, replayed, 'the same', replayed.checkpoint)),
  )

/** For a log on a server there is a `queue.json` only in a directory that was named for it. */
const requireQueueFile = ({ queueFile, log, place }: Session) =>
  queueFile === undefined
    ? E.left<CliError>({
        usage: 'usage',
        detail: 'no queue.json is kept for a log on a server, unless a directory is named for it',
        hint: 'claimlog replay --dir DIR writes it there; claimlog replay --at SEQ prints it',
      })
    : E.right({ dir: place.dir, log, queueFile })

const toWriteError = (path: string): CliError => ({ usage: 'queue_not_written', path })

const toDifferenceError = ({ differs, detail }: DerivedFileDifference): CliError => ({
  usage: differs === 'queue_file' ? 'queue_differs' : 'checkpoint_differs',
  detail,
})

const toReplayOutput = (
  dir: string,
  { seq, tasks }: ReplayResult,
  queueFile: 'written' | 'the same',
  checkpointState: 'the same' | 'none' = 'none',
): CommandOutput => {
  const checkpoint = checkpointState === 'none' ? {} : { checkpoint: checkpointState }
  const checkpointText = checkpointState === 'none' ? '' : ', and so is the checkpoint'
  const view: ReplayView = { ok: true, seq, tasks, queueFile, ...checkpoint }
  return {
    json: view,
    text: () =>
      `${pluralize(seq, 'event')} replayed, ${pluralize(tasks, 'task')}; ${displayPath(join(dir, queueFileName))} is ${queueFile}${checkpointText}\n`,
  }
}
