/** Rebuilds or checks the files that are derived from a log. A separate entry, as only one command uses it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { allTasks, type Event, type Refusal, type State } from '@claimlog/domain'
import type { EventLog, ReadFailure } from '@claimlog/event-log'
import { withLockFile } from '@claimlog/event-log-file'
import { firstDifference } from '@claimlog/messages'
import { findFileDifference, queueFileName, type QueueFileWriter, writeQueueFile } from '@claimlog/queue-file'
import type { WithProgress } from '@claimlog/workspace'
import { compareKept, type Folded, foldWhole } from './kept-state.ts'

/** An open log and its directory. */
export type OpenedLog = { readonly dir: string; readonly log: EventLog<Event> }

/** The result of folding the whole log, without the checkpoint. */
export type Replayed = { readonly seq: number; readonly tasks: number }

/** `queue.json` could not be written; the reason was reported by a notice. */
export type QueueFileNotWritten = { readonly notWritten: string }

/** A derived file that differs from the log. */
export type Difference = { readonly differs: 'queue_file' | 'checkpoint'; readonly detail: string }

/** Rewrites `queue.json` from the whole log; the log is read inside `withProgress`. */
export const rebuildQueueFile = (
  { dir, log, queueFile }: OpenedLog & { readonly queueFile: QueueFileWriter },
  whileReading: WithProgress,
): TE.TaskEither<ReadFailure | Refusal | QueueFileNotWritten, Replayed> =>
  pipe(
    foldLog(log, whileReading),
    TE.map(folded => folded.get()),
    TE.chainFirstW(state => rewriteQueueFile(dir, queueFile, state)),
    TE.map(replayedTo),
  )

const rewriteQueueFile =
  (dir: string, queueFile: QueueFileWriter, state: State): TE.TaskEither<QueueFileNotWritten, void> =>
  async () =>
    (await queueFile.rewrite(() => state)) ? E.right(undefined) : E.left({ notWritten: join(dir, queueFileName) })

/**
 * Compares `queue.json`, and then the checkpoint, with the whole log, which is read inside `withProgress`. Read-only.
 */
export const compareDerived = (
  opened: OpenedLog,
  whileReading: WithProgress,
): TE.TaskEither<ReadFailure | Refusal | Difference, Replayed & { readonly checkpoint: 'the same' | 'none' }> =>
  pipe(
    foldLog(opened.log, whileReading),
    TE.chainFirstEitherKW(folded => compareQueueFile(opened.dir, folded.get())),
    TE.bindTo('folded'),
    TE.bindW('checkpoint', ({ folded }) => compareCheckpoint(opened, folded)),
    TE.map(({ folded, checkpoint }) => ({ ...replayedTo(folded.get()), checkpoint })),
  )

const foldLog = (log: EventLog<Event>, whileReading: WithProgress): TE.TaskEither<ReadFailure | Refusal, Folded> =>
  pipe(
    () => whileReading(report => foldWhole(log, report)()),
    TE.filterOrElseW(
      folded => folded.get().workspace !== undefined,
      (): Refusal => ({ error: 'no_workspace' }),
    ),
  )

const replayedTo = (state: State): Replayed => ({ seq: state.seq, tasks: allTasks(state).length })

const compareQueueFile = (dir: string, state: State): E.Either<Difference, void> => {
  const path = join(dir, queueFileName)
  if (!existsSync(path)) return E.left({ differs: 'queue_file', detail: 'it is missing' })
  const difference = findFileDifference(path, take => writeQueueFile(state, take))
  return difference === undefined
    ? E.right(undefined)
    : E.left({ differs: 'queue_file', detail: firstDifference(difference) })
}

const compareCheckpoint = (
  { dir, log }: OpenedLog,
  folded: Folded,
): TE.TaskEither<ReadFailure | Difference, 'the same' | 'none'> =>
  pipe(
    compareKept({ dir, log, withLockFile }, folded),
    TE.chainEitherKW(compared =>
      compared.kept === 'other'
        ? E.left<Difference>({ differs: 'checkpoint', detail: compared.detail })
        : E.right(compared.kept),
    ),
  )
