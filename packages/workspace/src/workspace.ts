import * as E from 'fp-ts/lib/Either.js'
import { isCheckpointDamage } from '@claimlog/checkpoint/damage'
import {
  toElapsedTime,
  type Event,
  type Refusal,
  withReading,
  type State,
  type TaskId,
  timeFromMs,
  type Time,
} from '@claimlog/domain'
import { type DiffView, diffView, listView, showView, statusView, type TraceView, whyView } from '@claimlog/wire'
import { closed, type EventLog, type LifeCycle, lifeCycle, type LogWatch, type ReadFailure } from '@claimlog/event-log'
import type { QueueFileWriter } from '@claimlog/queue-file'
import type { CheckpointStore } from './checkpoint-store.ts'
import { type CheckpointPolicy, checkpointPolicy } from './checkpoint-policy.ts'
import { currentState } from './current-state.ts'
import { traceTask } from './history.ts'
import { type Clock, monitoredClock, readClocks } from './machine-clock.ts'
import { type PointInTime, type PastState, readPastStates } from './time-travel.ts'
import { type RunCommand, makeRunCommand } from './run-command.ts'
import type { TrackCall, TimeTravel, Query, QueryResult, Queries } from './queries.ts'
import type { LogAhead } from './workspace-notice.ts'

/** A queue of tasks that any number of processes share through one event log. */
export type Workspace = Queries &
  TimeTravel & {
    /**
     * Runs one command. Returns its result once its events are durable as the log promises, or a refusal with nothing
     * changed, except that a claim records expired leases with no attempts left. Commands may be submitted
     * concurrently; each is decided on its own, at its own position in the log. A command whose `requestId` is already
     * in the log changes nothing and gets the first result. If `signal` aborts before the decision, nothing is changed
     * and `Aborted` is returned at once; afterwards it has no effect.
     */
    readonly run: RunCommand
    /** Runs a query on the state at the current end of the log. Writes nothing, like all queries. */
    readonly query: Query
    /**
     * The time by which commands and queries judge leases and delays, in milliseconds since the epoch: that of the log's
     * own clock as of its last answer, or of this machine's. A length is the difference of two times of this clock.
     */
    readonly now: () => number
    /** One task's history, from the log. */
    readonly trace: (taskId: TaskId) => QueryResult<TraceView>
    /**
     * Brings `queue.json` up to date with the last read state, if that is possible without waiting, and reports an edit
     * of the file. Does nothing if the file is written in the background after commands anyway. Never fails: a file
     * that cannot be written stays stale.
     */
    readonly refreshQueueFile: () => Promise<void>
    /** Starts to watch for events of any process. */
    readonly watch: () => LogWatch
    /** The events after `seq`, in batches as they are appended, until `signal` aborts; a failure is the last item. */
    readonly follow: (seq: number, signal: AbortSignal) => AsyncIterable<E.Either<ReadFailure, ReadonlyArray<Event>>>
    /**
     * Waits for the calls in flight, brings `queue.json` up to date and closes the log. A call in flight that is not
     * decided within half a second, and every later call, returns `Closed`. Idempotent.
     */
    readonly close: () => Promise<void>
  }

export type WorkspaceOptions = {
  readonly log: EventLog<Event>
  /** The id of a log that machines share; default: the log is in a file, and has none. */
  readonly logId?: string | undefined
  /** Reads the clocks that commands are decided by; default: the log's own, or else the machine's. */
  readonly clock?: Clock
  /** Called if the log's time is ahead of the clock. */
  readonly notify?: (notice: LogAhead) => void
  /** Runs before each command. */
  readonly beforeCommand?: () => void
  /** Keeps `queue.json`; default: it is not written. */
  readonly queueFile?: QueueFileWriter
  /** Keeps the state of a long log on disk; default: the log is read from its first line. */
  readonly checkpoint?: CheckpointStore
}

/** Opens a workspace on a log. Nothing is read before the first call. */
export const openWorkspace = (options: WorkspaceOptions): Workspace => {
  const { clock: readClock = readClocks(options.log), notify = () => undefined, beforeCommand, queueFile } = options
  const life = lifeCycle()
  const log = stopWhenOverdue(options.log, life)
  const current = currentState(options.logId)
  const { get: state, changedTasks } = current
  const clock = monitoredClock(readClock, options.log, state, notify)
  const checkpoints = checkpointPolicy(log, current, options.checkpoint)

  const runQuery = makeQuery(checkpoints, state, clock)
  const refreshQueueFile = async (): Promise<void> => {
    const failure = checkpoints.isLoaded() ? undefined : await checkpoints.load()
    if (failure === undefined && state().workspace !== undefined)
      await checkpoints.retryAfterReload(() => queueFile?.refreshIfStale(state, changedTasks))
  }

  /** Makes a call part of what closing waits for; refused once the workspace is closing. */
  const track: TrackCall = life.run
  const trackedQuery: Query = view => track(runQuery(view))

  return {
    run: makeRunCommand({
      log: options.log,
      closableLog: log,
      life,
      current,
      checkpoints,
      clock,
      beforeCommand,
      queueFile,
      refreshQueueFile,
    }),
    watch: log.watch,
    query: trackedQuery,
    refreshQueueFile: async () => {
      await life.run(async () => E.right(await refreshQueueFile()))()
    },
    ...makeQueries(trackedQuery),
    ...timeTravel(log, clock, track),
    now: () => readClock().nowMs,
    trace: taskId => track(traceTask(log, runQuery, current.taskOffsets, taskId)),
    follow: log.follow,
    close: () =>
      life.close(() =>
        runAll([
          async () => checkpoints.retryAfterReload(() => queueFile?.close(state, changedTasks)),
          checkpoints.close,
          log.close,
        ]),
      ),
  }
}

/** Runs each step, even if one before it has failed. */
const runAll = async ([first, ...rest]: ReadonlyArray<() => Promise<void>>): Promise<void> => {
  try {
    await first?.()
  } finally {
    if (rest.length > 0) await runAll(rest)
  }
}

/**
 * The same log for the calls of `life`: a read that is still running when `life` is overdue stops, and returns
 * `Closed`.
 */
const stopWhenOverdue = (log: EventLog<Event>, life: LifeCycle): EventLog<Event> => ({
  ...log,
  read: (seq, onEvents, shouldStop) => async () => {
    const end = await log.read(seq, onEvents, () => life.isOverdue() || shouldStop?.() === true)()
    return E.isRight(end) && life.isOverdue() ? closed : end
  },
})

/** Queries of the state at the current end of the log. */
const makeQuery =
  (checkpoints: CheckpointPolicy, state: () => State, clock: Clock): Query =>
  view =>
  async () => {
    for (;;)
      try {
        const failure = await checkpoints.catchUp()
        if (failure !== undefined) return E.left(failure)
        if (state().workspace === undefined) return E.left({ error: 'no_workspace' })
        const reading = clock()
        const stateNow = withReading(state(), reading)
        return E.right(view(stateNow, toElapsedTime(stateNow.time, stateNow.clock, reading.nowMs)))
      } catch (thrown) {
        // The next iteration reloads the state.
        if (!isCheckpointDamage(thrown)) throw thrown
      }
  }

/** The queries on top of any `runQuery`. */
const makeQueries = (runQuery: Query): Queries => ({
  list: query => runQuery(state => listView(state, query ?? {})),
  show: taskId => flatten(runQuery(state => showView(state, taskId))),
  status: runQuery(statusView),
  why: taskId => flatten(runQuery((state, now) => whyView(state, taskId, now))),
})

const flatten =
  <A>(query: QueryResult<E.Either<Refusal, A>>): QueryResult<A> =>
  async () => {
    const outer = await query()
    return E.isLeft(outer) ? outer : outer.right
  }

/** Queries of past states; `clock` decides what is in the future. */
const timeTravel = (log: EventLog<Event>, clock: Clock, track: TrackCall): TimeTravel => {
  const now = (): Time => timeFromMs(clock().nowMs)
  const queryPast =
    (point: PointInTime): Query =>
    view =>
      track(async () =>
        E.map((pastStates: ReadonlyArray<PastState>) => {
          const [{ state, now }] = pastStates as [PastState]
          return view(state, now)
        })(await readPastStates(log, [point], now)()),
      )

  return {
    at: point => ({ query: queryPast(point), ...makeQueries(queryPast(point)) }),
    diff: (from, to) => track(async () => E.chainW(diffStates)(await readPastStates(log, [from, to], now)())),
  }
}

const diffStates = (pastStates: ReadonlyArray<PastState>): E.Either<Refusal, DiffView> => {
  const [{ state: earlier }, { state: later }] = pastStates as [PastState, PastState]
  return earlier.seq > later.seq
    ? E.left({
        error: 'bad_input',
        detail: `seq ${earlier.seq} is after seq ${later.seq}: pass the earlier point first`,
      })
    : E.right(diffView(earlier, later))
}
