import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type AppendFailure,
  closed,
  defaultLockTimeoutMs,
  type EventLog,
  type Fold,
  type HasEvents,
  type IoFailed,
  type LifeCycle,
  lifeCycle,
  type NoLog,
  type Numbered,
  type SeqConflict,
  type UnknownFormat,
  type Unreachable,
} from '@claimlog/event-log'
import { type EventCodec, type LogPosition, type StoredLine, storedLineCodec } from '@claimlog/event-log-line'
import { groupCommit, type SubmitDecision } from './commit/group-commit.ts'
import { createMutex, type Mutex } from './commit/mutex.ts'
import { createConnection, monotonicMs } from './connect/connection.ts'
import { findWorkspaceRow } from './connect/find-workspace-row.ts'
import { serverClock } from './connect/server-clock.ts'
import { statements, type WorkspaceRow } from './connect/statements.ts'
import type { PostgresContext } from './log-context.ts'
import type { PostgresLocation } from './postgres-location.ts'
import { describeLocation } from './url/describe-location.ts'
import { createKnownEnd, type KnownEnd } from './read/known-end.ts'
import { findCursor, readByOffset, readEvents, toCursor } from './read/read-events.ts'
import { follow } from './watch/follow.ts'
import { createNotifier } from './watch/notifier.ts'
import { createWatchHub } from './watch/watch-hub.ts'

export type PostgresLogOptions<A> = {
  readonly location: PostgresLocation
  readonly codec: EventCodec<A>
  /**
   * `disk` by default: an answer waits until the server has the events on disk, and on its synchronous replicas. `os`:
   * it does not, and a crash of the server can lose the last fraction of a second.
   */
  readonly durability?: 'disk' | 'os'
  /** The time to wait for the server and for other writers, in milliseconds; 10 s by default. */
  readonly lockTimeoutMs?: number
}

/** A log in a database. `id`: its UUID, which it keeps if the workspace is renamed. */
export type PostgresLog<A extends Numbered> = EventLog<A> & { readonly id: string }

/** Opens the log of a workspace in a database, which must have one. Connects to the server. */
export const openPostgresLog =
  <A extends Numbered>(
    options: PostgresLogOptions<A>,
  ): TE.TaskEither<Unreachable | IoFailed | NoLog | UnknownFormat, PostgresLog<A>> =>
  async () => {
    const { location, lockTimeoutMs = defaultLockTimeoutMs } = options
    const connection = createConnection(location, lockTimeoutMs)
    return pipe(
      findWorkspaceRow(connection, location, lockTimeoutMs),
      TE.orElseFirstTaskK(() => connection.close),
      TE.map(row => {
        const context: PostgresContext<A> = {
          path: describeLocation(location),
          codec: options.codec,
          connection,
          sql: statements(location.schema),
          workspaceId: row.id,
          clock: serverClock(row.atMs),
          usesTurns: location.prepare && row.endsIdleSessions && row.serverPid === connection.serverPid(),
          lockTimeoutMs,
        }
        return postgresLog(context, row, options.durability !== 'os')
      }),
    )()
  }

const postgresLog = <A extends Numbered>(
  context: PostgresContext<A>,
  { logId }: WorkspaceRow,
  durable: boolean,
): PostgresLog<A> => {
  const { connection, clock, path } = context
  const life = lifeCycle(monotonicMs)
  const end = createKnownEnd(context)
  const mutex = createMutex()
  const hub = createWatchHub(context, life)
  const notifier = createNotifier(context)
  const onAppend = (isAwaited: boolean): void => {
    hub.noteAppend()
    if (isAwaited) notifier.notify()
  }
  const submit = groupCommit(context, end, mutex, life, durable, onAppend)

  return {
    id: logId,
    describe: () => path,
    now: clock.now,
    read: makeRead(context, end, mutex, life),
    readLines: makeReadLines(context, end, life),
    cursor: () => toCursor(end.position()),
    resume: cursor =>
      life.run(() =>
        mutex(
          pipe(
            findCursor(context, cursor),
            TE.map(position => {
              if (position !== undefined) end.seek(position)
              return position !== undefined
            }),
          ),
        ),
      ),
    contains: cursor =>
      life.run(
        pipe(
          findCursor(context, cursor),
          TE.map(position => position !== undefined),
        ),
      ),
    readByOffset: offsets => life.run(readByOffset(context, offsets)),
    append: (expectedSeq, events) => appendIfExpected(submit, end.position, expectedSeq, events),
    transact: submit,
    follow: (seq, signal) => follow(context, life, seq, end.position(), hub.watch, signal),
    watch: hub.watch,
    hasUnansweredAppend: connection.hasUnanswered,
    close: () =>
      life.close(async () => {
        await hub.close()
        await notifier.settle()
        await connection.close()
      }),
  }
}

/** Reads from the known end of the log alone, because it moves; from elsewhere beside other calls. */
const makeRead =
  <A extends Numbered>(
    context: PostgresContext<A>,
    end: KnownEnd<A>,
    mutex: Mutex,
    life: LifeCycle,
  ): EventLog<A>['read'] =>
  (seq, onEvents, shouldStop = () => false) => {
    const isStopped = (): boolean => life.isOverdue() || shouldStop()
    const { codec, connection } = context
    return life.run(async () => {
      const endResult = await mutex(async () => {
        if (seq !== end.position().seq) return undefined
        const fold: Fold<A> = { seq, apply: onEvents }
        return E.map(() => end.position().seq)(await end.readToEnd(fold, connection.request, isStopped)())
      })
      const readResult =
        endResult ??
        (await pipe(
          readEvents(context, end.position(), connection.request, { seq, codec, onEvents, shouldStop: isStopped }),
          TE.chainFirstTaskK(
            position => () =>
              mutex(async () => {
                if (position.seq > end.position().seq) end.seek(position)
              }),
          ),
          TE.map(position => Math.max(seq, position.seq)),
        )())
      return E.isRight(readResult) && life.isOverdue() ? closed : readResult
    })
  }

const makeReadLines =
  <A extends Numbered>(context: PostgresContext<A>, end: KnownEnd<A>, life: LifeCycle): EventLog<A>['readLines'] =>
  (seq, onLines, shouldStop = () => false) =>
    life.run(async () => {
      const onEvents = (lines: ReadonlyArray<StoredLine>): void => onLines(lines.map(({ line }) => line))
      const isStopped = (): boolean => life.isOverdue() || shouldStop()
      const request = { seq, codec: storedLineCodec(context.codec), onEvents, shouldStop: isStopped }
      const readResult = await readEvents(context, end.position(), context.connection.request, request)()
      if (E.isRight(readResult) && life.isOverdue()) return closed
      return E.map((position: LogPosition) => Math.max(seq, position.seq))(readResult)
    })

/** Appends `events` if the log ends at `expectedSeq`. */
const appendIfExpected = <A extends Numbered>(
  submit: SubmitDecision<A>,
  position: () => LogPosition,
  expectedSeq: number,
  events: ReadonlyArray<A>,
): TE.TaskEither<AppendFailure, void> => {
  const fold: Fold<A> = {
    get seq() {
      return position().seq
    },
    apply: () => undefined,
  }
  const decide = (): E.Either<SeqConflict, HasEvents<A>> =>
    fold.seq === expectedSeq
      ? E.right({ events })
      : E.left({ failure: 'SeqConflict', expectedSeq, actualSeq: fold.seq })
  return submit(fold, decide, () => undefined)
}
