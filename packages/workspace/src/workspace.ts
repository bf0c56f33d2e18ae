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
} from '@claimlog/domain'
import { type DiffView, diffView, listView, showView, statusView, type TraceView, whyView } from '@claimlog/wire'
import { closed, type EventLog, type LifeCycle, lifeCycle, type LogWatch, type ReadFailure } from '@claimlog/event-log'
import type { QueueFileWriter } from '@claimlog/queue-file'
import type { CheckpointKeeper } from './checkpoint-keeper.ts'
import { type Checkpointing, checkpointing } from './checkpointing.ts'
import { currentState } from './current-state.ts'
import { traceTask } from './history.ts'
import { type Clock, machineClock, watchingClock } from './machine-clock.ts'
import { type Moment, type Past, pastsAt } from './moment.ts'
import { type Run, runOn } from './run-command.ts'
import type { Counted, LookingBack, ReadView, Seen, Views } from './views.ts'
import type { LogAhead } from './workspace-notice.ts'

/** A queue of tasks that any number of processes share through one event log. */
export type Workspace = Views &
  LookingBack & {
    /**
     * Runs one command. Returns its result once its events are durable as the log promises, or a refusal with nothing
     * changed, except that a claim records expired leases with no attempts left. Commands may be submitted
     * concurrently; each is decided on its own, at its own position in the log. A command whose `requestId` is already
     * in the log changes nothing and gets the first result. If `signal` aborts before the decision, nothing is changed
     * and `Aborted` is returned at once; afterwards it has no effect.
     */
    readonly run: Run
    /** Runs a query on the state at the current end of the log. Writes nothing, like all queries. */
    readonly read: ReadView
    /** One task's history, from the log. */
    readonly trace: (taskId: TaskId) => Seen<TraceView>
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
  /** Reads the clocks that commands are decided by; default: the machine's. */
  readonly clock?: Clock
  /** Called if the log's time is ahead of the clock. */
  readonly notify?: (notice: LogAhead) => void
  /** Runs before each command. */
  readonly beforeCommand?: () => void
  /** Keeps `queue.json`; default: it is not written. */
  readonly queueFile?: QueueFileWriter
  /** Keeps the state of a long log on disk; default: the log is read from its first line. */
  readonly checkpoint?: CheckpointKeeper
}

/** Opens a workspace on a log. Nothing is read before the first call. */
export const openWorkspace = (options: WorkspaceOptions): Workspace => {
  const { clock: readClock = machineClock(), notify = () => undefined, beforeCommand, queueFile } = options
  const life = lifeCycle()
  const log = untilOverdue(options.log, life)
  const current = currentState()
  const { get: state, changedSince } = current
  const clock = watchingClock(readClock, state, notify)
  const keeping = checkpointing(log, current, options.checkpoint)

  const read = readIn(keeping, state, clock)
  const refreshQueueFile = async (): Promise<void> => {
    const failed = keeping.isStarted() ? undefined : await keeping.start()
    if (failed === undefined && state().workspace !== undefined)
      await keeping.onSoundState(() => queueFile?.refreshIfStale(state, changedSince))
  }

  /** Makes a call part of what closing waits for; refused once the workspace is closing. */
  const counted: Counted = life.run
  const seen: ReadView = view => counted(read(view))

  return {
    run: runOn({
      log: options.log,
      logUntilOverdue: log,
      life,
      current,
      keeping,
      clock,
      beforeCommand,
      queueFile,
      refreshQueueFile,
    }),
    watch: log.watch,
    read: seen,
    refreshQueueFile: async () => {
      await life.run(async () => E.right(await refreshQueueFile()))()
    },
    ...viewsOver(seen),
    ...lookingBack(log, clock, counted),
    trace: taskId => counted(traceTask(log, read, current.addressesOf, taskId)),
    follow: log.follow,
    close: () =>
      life.close(() =>
        inOrder([
          async () => keeping.onSoundState(() => queueFile?.close(state, changedSince)),
          keeping.close,
          log.close,
        ]),
      ),
  }
}

/** Runs each step, even if one before it has failed. */
const inOrder = async ([first, ...rest]: ReadonlyArray<() => Promise<void>>): Promise<void> => {
  try {
    await first?.()
  } finally {
    if (rest.length > 0) await inOrder(rest)
  }
}

/**
 * The same log for the calls of `life`: a read that is still running when `life` is overdue stops, and returns
 * `Closed`.
 */
const untilOverdue = (log: EventLog<Event>, life: LifeCycle): EventLog<Event> => ({
  ...log,
  read: (seq, take, isEnough) => async () => {
    const end = await log.read(seq, take, () => life.isOverdue() || isEnough?.() === true)()
    return E.isRight(end) && life.isOverdue() ? closed : end
  },
})

/** Queries of the state at the current end of the log. */
const readIn =
  (keeping: Checkpointing, state: () => State, clock: Clock): ReadView =>
  view =>
  async () => {
    for (;;)
      try {
        const failed = await keeping.readOn()
        if (failed !== undefined) return E.left(failed)
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
const viewsOver = (read: ReadView): Views => ({
  list: query => read(state => listView(state, query ?? {})),
  show: taskId => flattened(read(state => showView(state, taskId))),
  status: read(statusView),
  why: taskId => flattened(read((state, now) => whyView(state, taskId, now))),
})

const flattened =
  <A>(query: Seen<E.Either<Refusal, A>>): Seen<A> =>
  async () => {
    const outer = await query()
    return E.isLeft(outer) ? outer : outer.right
  }

/** Queries of past states; `clock` decides what is in the future. */
const lookingBack = (log: EventLog<Event>, clock: Clock, counted: Counted): LookingBack => {
  const readAt =
    (moment: Moment): ReadView =>
    view =>
      counted(async () =>
        E.map((pasts: ReadonlyArray<Past>) => {
          const [{ state, now }] = pasts as [Past]
          return view(state, now)
        })(await pastsAt(log, [moment], timeFromMs(clock().nowMs))()),
      )

  return {
    at: moment => ({ read: readAt(moment), ...viewsOver(readAt(moment)) }),
    diff: (from, to) =>
      counted(async () => E.chainW(diffBetween)(await pastsAt(log, [from, to], timeFromMs(clock().nowMs))())),
  }
}

const diffBetween = (pasts: ReadonlyArray<Past>): E.Either<Refusal, DiffView> => {
  const [{ state: before }, { state: after }] = pasts as [Past, Past]
  return before.seq > after.seq
    ? E.left({
        error: 'bad_input',
        detail: `seq ${before.seq} is after seq ${after.seq}: pass the earlier point first`,
      })
    : E.right(diffView(before, after))
}
