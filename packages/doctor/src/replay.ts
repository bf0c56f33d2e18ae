/** Rebuilds or checks the files that are derived from a log. A separate entry, as only one command uses it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { allTasks, type Event, type Refusal, type State } from '@claimlog/domain'
import type { EventLog, ReadFailure } from '@claimlog/event-log'
import { withLockFile } from '@claimlog/event-log-file'
import { describeDifference } from '@claimlog/messages'
import { findFileDifference, queueFileName, type QueueFileWriter, writeQueueFile } from '@claimlog/queue-file'
import type { WithProgress } from '@claimlog/workspace'
import { compareWithCheckpoint, type FoldedLog, foldWholeLog } from './checkpoint-comparison.ts'

/** An open log and its directory. */
export type OpenLog = { readonly dir: string; readonly log: EventLog<Event> }

/** The result of folding the whole log, without the checkpoint. */
export type ReplayResult = { readonly seq: number; readonly tasks: number }

/** `queue.json` could not be written; the reason was reported by a notice. */
export type QueueFileNotWritten = { readonly notWritten: string }

/** A derived file that differs from the log. */
export type DerivedFileDifference = { readonly differs: 'queue_file' | 'checkpoint'; readonly detail: string }

/** Rewrites `queue.json` from the whole log, which is read inside `withProgress`. */
export const rebuildQueueFile = (
  { dir, log, queueFile }: OpenLog & { readonly queueFile: QueueFileWriter },
  withProgress: WithProgress,
): TE.TaskEither<ReadFailure | Refusal | QueueFileNotWritten, ReplayResult> =>
  pipe(
    foldOpenedWorkspace(log, withProgress),
    TE.map(fold => fold.get()),
    TE.chainFirstW(state => rewriteQueueFile(dir, queueFile, state)),
    TE.map(toReplayResult),
  )

const rewriteQueueFile =
  (dir: string, queueFile: QueueFileWriter, state: State): TE.TaskEither<QueueFileNotWritten, void> =>
  async () =>
    (await queueFile.rewrite(() => state)) ? E.right(undefined) : E.left({ notWritten: join(dir, queueFileName) })

/**
 * Compares `queue.json`, and then the checkpoint, with the whole log, which is read inside `withProgress`. Read-only.
 */
export const compareDerived = (
  openLog: OpenLog,
  withProgress: WithProgress,
): TE.TaskEither<
  ReadFailure | Refusal | DerivedFileDifference,
  ReplayResult & { readonly checkpoint: 'the same' | 'none' }
> =>
  pipe(
    foldOpenedWorkspace(openLog.log, withProgress),
    TE.chainFirstEitherKW(fold => compareQueueFile(openLog.dir, fold.get())),
    TE.bindTo('fold'),
    TE.bindW('checkpoint', ({ fold }) => compareCheckpoint(openLog, fold)),
    TE.map(({ fold, checkpoint }) => ({ ...toReplayResult(fold.get()), checkpoint })),
  )

const foldOpenedWorkspace = (
  log: EventLog<Event>,
  withProgress: WithProgress,
): TE.TaskEither<ReadFailure | Refusal, FoldedLog> =>
  pipe(
    () => withProgress(report => foldWholeLog(log, report)()),
    TE.filterOrElseW(
      fold => fold.get().workspace !== undefined,
      (): Refusal => ({ error: 'no_workspace' }),
    ),
  )

const toReplayResult = (state: State): ReplayResult => ({ seq: state.seq, tasks: allTasks(state).length })

const compareQueueFile = (dir: string, state: State): E.Either<DerivedFileDifference, void> => {
  const path = join(dir, queueFileName)
  if (!existsSync(path)) return E.left({ differs: 'queue_file', detail: 'it is missing' })
  const difference = findFileDifference(path, onText => writeQueueFile(state, onText))
  return difference === undefined
    ? E.right(undefined)
    : E.left({ differs: 'queue_file', detail: describeDifference(difference) })
}

const compareCheckpoint = (
  { dir, log }: OpenLog,
  fold: FoldedLog,
): TE.TaskEither<ReadFailure | DerivedFileDifference, 'the same' | 'none'> =>
  pipe(
    compareWithCheckpoint({ dir, log, withLockFile }, fold),
    TE.chainEitherKW(comparison =>
      comparison._tag === 'different'
        ? E.left<DerivedFileDifference>({ differs: 'checkpoint', detail: comparison.detail })
        : E.right(comparison._tag),
    ),
  )
