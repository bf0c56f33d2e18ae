import type * as T from 'fp-ts/lib/Task.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import * as E from 'fp-ts/lib/Either.js'
import type { AppendFailure, Closed, ReadFailure, TransactFailure } from './log-failure.ts'

/** The longest time that a call waits for other writers, or for the server of a log, unless the user has set one. */
export const defaultLockTimeoutMs = 10_000

/** The only field of an event that a log reads: its number, 1, 2, 3 … without a gap. */
export type Numbered = { readonly seq: number }

/**
 * The position of an event in its log, at which it can be read again without reading what comes before. Valid only for
 * the log that returned it (a byte offset, for example). Grows with `seq`.
 */
export type LogOffset = number

/** Receives the next events in order, without a gap, whole decisions only, each with its offset. Must not fail. */
export type OnEvents<A> = (events: ReadonlyArray<A>, offsets: ReadonlyArray<LogOffset>) => void

/** A fold in progress: the last event it has applied, and a callback that applies more. */
export interface Fold<A> {
  /** The `seq` of the last event that was applied; 0 before the first. */
  readonly seq: number
  /** Applies the events after `seq`. */
  readonly apply: OnEvents<A>
  /**
   * Starts to apply events that are not in the log yet, so that further decisions can be made on top of them before
   * the log has answered. What is applied from here on is dropped by the function that is returned: the fold is then
   * where it was. undefined: this fold cannot do that, and each decision waits for the log.
   */
  readonly applyProvisionally?: () => () => void
}

/**
 * A point after a whole decision from which reading can continue: after event `seq`. `location` is opaque, and valid
 * only for logs of the same implementation. It identifies the history up to that point, not only a number: another
 * history has other cursors.
 */
export type LogCursor = { readonly seq: number; readonly location: string }

/** Signals that a log has grown, by any process. */
export type LogWatch = {
  /**
   * Resolves once the log has been appended to since the last call (before the first: since the watch began), or when
   * `signal` aborts, or the log or the watch is closed. Spurious wake-ups are possible. Waiting costs next to nothing.
   */
  readonly next: (signal: AbortSignal) => Promise<void>
  readonly close: () => void
}

/** Receives the next lines in order, without a gap, whole decisions only, each without its newline. Must not fail. */
export type OnLines = (lines: ReadonlyArray<string>) => void

/** The events of a decision, numbered on from the last event of the fold. */
export type HasEvents<A> = { readonly events: ReadonlyArray<A> }

/**
 * An append-only log of numbered events that many processes share. Every implementation passes the suite in
 * `conformance.ts`.
 *
 * Once `append` or `transact` has succeeded, the events outlive the process and, as far as the implementation promises
 * durability, a crash of the machine.
 */
export interface EventLog<A extends Numbered> {
  /** A name of the log for messages: its path, or its URL without the password. */
  readonly describe: () => string

  /**
   * The time of the log's own clock, in milliseconds since the epoch, for a log that machines share: their clocks
   * differ, and one log has one. As of the last answer, plus the time elapsed since. undefined: the log has no clock of
   * its own, because all its processes have the same machine's.
   */
  readonly now: () => number | undefined

  /**
   * Passes the events after `seq` to `onEvents`, in order and in batches, and returns the `seq` of the last event in
   * the log. Stops after a batch if `shouldStop` then returns true.
   */
  readonly read: (seq: number, onEvents: OnEvents<A>, shouldStop?: () => boolean) => TE.TaskEither<ReadFailure, number>

  /**
   * Passes the lines of the events after `seq` to `onLines` as they are stored, in order and in batches, and returns
   * the `seq` of the last one. Checks them as `read` does, and moves no position.
   */
  readonly readLines: (seq: number, onLines: OnLines, shouldStop?: () => boolean) => TE.TaskEither<ReadFailure, number>

  /** The cursor after the last decision that this object has read or written; `seq` 0 before the first. */
  readonly cursor: () => LogCursor

  /**
   * Continues from `cursor`, for a fold whose `seq` is that of the cursor: earlier lines are not read, and so not
   * checked. False: the log does not contain the history in which the cursor was made, and nothing has changed.
   */
  readonly resume: (cursor: LogCursor) => TE.TaskEither<ReadFailure, boolean>

  /** True if the log contains the history in which `cursor` was made. Does not move the position for reading. */
  readonly contains: (cursor: LogCursor) => TE.TaskEither<ReadFailure, boolean>

  /**
   * The events at `offsets`, in that order; this log has returned those offsets before. undefined: not all of them
   * are there, because the log is damaged or replaced; reading the log returns the failure.
   */
  readonly readByOffset: (offsets: ReadonlyArray<LogOffset>) => TE.TaskEither<ReadFailure, ReadonlyArray<A> | undefined>

  /** Appends `events` as one decision, all or none, if the log still ends at `expectedSeq`. */
  readonly append: (expectedSeq: number, events: ReadonlyArray<A>) => TE.TaskEither<AppendFailure, void>

  /**
   * Makes one decision on the current end of the log, in three steps. No other decision, of this process or another,
   * runs between them:
   *
   * 1. `fold` gets every event that it has not applied yet, up to the end of the log.
   * 2. `decide` returns a refusal (left), which appends nothing and is passed on, or the events to append at that very
   *    end. They are appended and applied to `fold` too.
   * 3. `result` computes the result of the decision from the state of `fold`, in which its own events are the last.
   *
   * Resolves once the events are as durable as the log promises. If another process was faster, `decide` is called
   * again, with `fold` caught up. All three must be synchronous. If `decide` throws, or `result` throws and nothing was
   * appended, the call rejects and nothing changes. Until `decide` is called the call can be dropped: if `isWanted`
   * returns false while the call waits for others, nothing is decided and the result is `Closed`.
   *
   * @example
   * ```ts
   * const fold = { seq: 0, apply: events => { state = events.reduce(evolve, state); fold.seq += events.length } }
   * const claimed = await log.transact(fold, () => decide(command, state), () => state.tasks.get(id))()
   * ```
   */
  readonly transact: <R, D extends HasEvents<A>, B>(
    fold: Fold<A>,
    decide: () => E.Either<R, D>,
    result: (decision: D) => B,
    isWanted?: () => boolean,
  ) => TE.TaskEither<TransactFailure | R, B>

  /**
   * The events after `seq`, in batches, as they are appended, until `signal` aborts or the log is closed. The first
   * failure is the last item. A batch may contain any number of decisions, never a part of one.
   */
  readonly follow: (seq: number, signal: AbortSignal) => AsyncIterable<E.Either<ReadFailure, ReadonlyArray<A>>>

  /**
   * Starts to watch for appends, also by other processes. A reader that reads after this call and each `next` misses
   * none.
   */
  readonly watch: () => LogWatch

  /**
   * True while an append was sent to a server that has not answered: if the process ends now, it was perhaps done.
   * undefined: this log has no server.
   */
  readonly hasUnansweredAppend?: () => boolean

  /**
   * Waits for calls in flight, then closes everything the log has open. Later calls return `Closed`; a call in flight
   * may do so if its decision was not made. `follow` ends, and watches resolve.
   */
  readonly close: T.Task<void>
}

/**
 * Throws unless `events` are numbered on from `expectedSeq`: a defect of the caller, caught before anything is written.
 */
export const assertConsecutiveSeqs = (expectedSeq: number, events: ReadonlyArray<Numbered>): void => {
  events.forEach((event, i) => {
    if (event.seq !== expectedSeq + 1 + i)
      throw new RangeError(`event ${event.seq} cannot follow ${expectedSeq + i}: events are numbered without a gap`)
  })
}

/** Applies those of `events` that the fold does not have yet. */
export const applyNew = <A extends Numbered>(
  fold: Fold<A>,
  events: ReadonlyArray<A>,
  offsets: ReadonlyArray<LogOffset>,
): void => {
  const knownCount = fold.seq + 1 - (events[0]?.seq ?? 0)
  if (knownCount <= 0) fold.apply(events, offsets)
  else if (knownCount < events.length) fold.apply(events.slice(knownCount), offsets.slice(knownCount))
}

/**
 * The life cycle of a log, a workspace or a queue:
 *
 * ```
 *   open ──close()──► closing ──nothing is in flight──► release ──► closed
 *    │                  │
 *    calls begin        calls in flight continue; one without a decision after graceMs gives up
 *                       new calls return `Closed`, also once closed
 * ```
 */
export type LifeCycle = {
  readonly isOpen: () => boolean
  /** Begins a call, which must {@link LifeCycle.end}; false: too late, return {@link closed}. */
  readonly begin: () => boolean
  readonly end: () => void
  /** Runs a call from begin to end. */
  readonly run: <L, A>(call: TE.TaskEither<L, A>) => TE.TaskEither<L | Closed, A>
  /** True if a call in flight without a decision should give up. */
  readonly isOverdue: () => boolean
  /**
   * Calls `listener` when closing begins, immediately if it has begun. Returns a function that unregisters it. Must not
   * throw.
   */
  readonly onClosing: (listener: () => void) => () => void
  /** Closes once, however often it is called: waits for calls in flight, then for `release`. */
  readonly close: (release: () => Promise<void> | void) => Promise<void>
}

/** The result of a call that came too late. */
export const closed: E.Either<Closed, never> = E.left({ failure: 'Closed' })

/** Long enough for a command that waits behind others, short for a process that wants to exit. */
const graceMs = 500

const uptimeMs = (): number => process.uptime() * 1000

export const lifeCycle = (monotonicMs: () => number = uptimeMs): LifeCycle => {
  const listeners = new Set<() => void>()
  let inFlight = 0
  let closeStartedMs: number | undefined
  let onDrained: (() => void) | undefined
  let closing: Promise<void> | undefined

  const isOpen = (): boolean => closeStartedMs === undefined
  const begin = (): boolean => {
    if (closeStartedMs !== undefined) return false
    inFlight += 1
    return true
  }
  const end = (): void => {
    inFlight -= 1
    if (inFlight === 0) onDrained?.()
  }
  const closeOnce = async (release: () => Promise<void> | void): Promise<void> => {
    for (const listener of [...listeners]) listener()
    listeners.clear()
    if (inFlight > 0)
      await new Promise<void>(resolve => {
        // One turn of the event loop later: the callers of those calls get their results before `close` resolves.
        onDrained = () => setImmediate(resolve)
      })
    await release()
  }

  return {
    isOpen,
    begin,
    end,
    // Not with `finally` of the promise, which takes three times as long: every command runs this.
    run: call => async () => {
      if (!begin()) return closed
      try {
        return await call()
      } finally {
        end()
      }
    },
    isOverdue: () => closeStartedMs !== undefined && monotonicMs() - closeStartedMs >= graceMs,
    onClosing: listener => {
      if (isOpen()) listeners.add(listener)
      else listener()
      return () => void listeners.delete(listener)
    },
    close: release => {
      if (closing !== undefined) return closing
      closeStartedMs = monotonicMs()
      closing = closeOnce(release)
      return closing
    },
  }
}
