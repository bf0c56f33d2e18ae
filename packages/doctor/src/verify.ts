/** Checks every line of a log. A separate entry, as one command needs no other check. */
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Event, Refusal } from '@claimlog/domain'
import type { EventLog, ReadFailure } from '@claimlog/event-log'
import { type Rewind, rewindFinder } from '@claimlog/queue-file'
import { type LogEnd, type LogScan, readLog, readServerLog } from './log-reading.ts'

/** A log in which every line has a valid seq, hash and shape, and whose events form a valid history. */
export type VerifiedLog = LogEnd & {
  /** Set if the log has fewer events than `queue.json` was written from. */
  readonly rewind: Rewind | undefined
}

/** Reads the log in `dir` from its first line, and reports its progress to `report`. Read-only. */
export const verifyLog = (
  dir: string,
  report: (seq: number) => void,
): TE.TaskEither<ReadFailure | Refusal, VerifiedLog> =>
  pipe(
    // Before the log is read: a log that grows meanwhile must not seem to be behind its `queue.json`.
    TE.fromIO(() => rewindFinder(dir)),
    TE.bindTo('findRewind'),
    TE.bind('reading', () => TE.fromTask(() => readLog(dir, undefined, report))),
    TE.bind('scan', ({ reading }) => TE.fromEither(refuseInvalidEvents(reading))),
    TE.chainTaskK(({ findRewind, reading, scan }) => async () => ({
      ...scan,
      rewind: await findRewind(reading.state),
    })),
  )

/** Reads a log on a server from its first line, and reports its progress to `report`. Read-only. */
export const verifyServerLog = (
  log: Pick<EventLog<Event>, 'read' | 'describe'>,
  report: (seq: number) => void,
): TE.TaskEither<ReadFailure | Refusal, VerifiedLog> =>
  pipe(
    TE.fromTask<LogScan<LogEnd>>(() => readServerLog(log, undefined, report)),
    TE.chainEitherKW(refuseInvalidEvents),
    TE.map(end => ({ ...end, rewind: undefined })),
  )

const refuseInvalidEvents = ({ scan, state, invalidEvent }: LogScan<LogEnd>): E.Either<ReadFailure | Refusal, LogEnd> =>
  pipe(
    scan,
    E.chainFirst(sound =>
      invalidEvent === undefined ? E.right(undefined) : E.left(invalidEventFailure(sound, invalidEvent)),
    ),
    E.filterOrElseW(
      () => state.workspace !== undefined,
      (): Refusal => ({ error: 'no_workspace' }),
    ),
  )

const invalidEventFailure = (
  { path, findLineOffset }: LogEnd,
  { line, detail }: NonNullable<LogScan['invalidEvent']>,
): ReadFailure => ({
  ...{ failure: 'LogDamaged', path, line, offset: findLineOffset(line) },
  detail: `the line is intact, but its event is invalid: ${detail}`,
})
