import type * as T from 'fp-ts/lib/Task.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import * as E from 'fp-ts/lib/Either.js'
import type { AppendFailure, Closed, ReadFailure, TransactFailure } from './log-failure.ts'

/** What a log needs to know of an event: its number, 1, 2, 3 … without a gap. */
export type Numbered = { readonly seq: number }

/**
 * Where an event stands in its log, so that it can be found again without reading what stands before it. It has a meaning
 * only for the log that gave it (a byte offset, for one), and grows with `seq`.
 */
export type Address = number

/** Takes the events that follow, in order, without a gap, whole decisions only, each with its address. Must not fail. */
export type Take<A> = (events: ReadonlyArray<A>, addresses: ReadonlyArray<Address>) => void

/** A fold in progress: what it has folded up to, and how it is given more. */
export interface Follower<A> {
  /** The `seq` of the last event taken; 0 before the first. */
  readonly seq: number
  /** Takes the events after `seq`. */
  readonly take: Take<A>
}

/**
 * A place after a whole decision, from which reading can go on: after event `seq`, and `at`, which has a meaning only for
 * logs of its kind. It names the history up to there and not merely a number: another history has other bookmarks.
 */
export type Bookmark = { readonly seq: number; readonly at: string }

/** Tells that a log has grown, whoever appended. */
export type LogWatch = {
  /**
   * Resolves once the log has been appended to since the last call (before the first: since the watch began), or when
   * `signal` aborts, or the log or the watch is closed. May resolve in vain. While it waits it costs next to nothing.
   */
  readonly next: (signal: AbortSignal) => Promise<void>
  readonly close: () => void
}

/** What a decision must say to a log: the events to append, numbered on from where the follower stood. */
export type Appending<A> = { readonly events: ReadonlyArray<A> }

/**
 * An append-only log of numbered events that many processes share. Every implementation passes the suite in
 * `conformance.ts`.
 *
 * Once `append` or `transact` has answered, the events outlive the process and, as far as the implementation promises
 * durability, the machine.
 */
export interface EventLog<A extends Numbered> {
  /**
   * Gives the events after `seq` to `take`, in order, in batches, and answers with the `seq` of the last one there is.
   * Where `isEnough` says so after a batch, that is the last.
   */
  readonly readAfter: (seq: number, take: Take<A>, isEnough?: () => boolean) => TE.TaskEither<ReadFailure, number>

  /** The place after the last decision that this object has read or written; `seq` 0 before the first. */
  readonly bookmark: () => Bookmark

  /**
   * Goes on from `bookmark`, for a follower that stands at its `seq`: what stands before it will not be read, and so not
   * checked. False: this log does not hold the history that the bookmark was made in, and nothing has changed.
   */
  readonly resume: (bookmark: Bookmark) => TE.TaskEither<ReadFailure, boolean>

  /** Whether this log holds the history that `bookmark` was made in. Where it is read from stays as it is. */
  readonly holds: (bookmark: Bookmark) => TE.TaskEither<ReadFailure, boolean>

  /**
   * The events at `addresses`, in that order, which this log gave with them. undefined: they do not all stand there, as the
   * log is damaged or another one; reading it tells.
   */
  readonly fetch: (addresses: ReadonlyArray<Address>) => TE.TaskEither<ReadFailure, ReadonlyArray<A> | undefined>

  /** Appends `events` as one decision, all or none, if the log still ends at `expectedSeq`. */
  readonly append: (expectedSeq: number, events: ReadonlyArray<A>) => TE.TaskEither<AppendFailure, void>

  /**
   * One decision on the log as it is, in three steps that nothing of this process or of another comes between:
   *
   * 1. `fold` is given every event that it has not taken, up to the end of the log.
   * 2. `decide` answers a refusal (left), which appends nothing and is passed on, or the events to append at that very end;
   *    they are appended, and given to `fold` too.
   * 3. `result` makes the answer of the decision, from whatever `fold` has led to: its own events are the last ones in it.
   *
   * The answer is given once the events last as the log promises. Where a step is decided again as somebody else was faster,
   * `decide` is asked again, with `fold` further on. All three must be synchronous; a throw of `decide`, or of `result` where
   * nothing was appended, rejects and changes nothing. Before `decide` was asked the call may be dropped: where `isWanted`
   * comes to say no while others are waited for, nothing is decided, and `Closed` is answered.
   */
  readonly transact: <R, D extends Appending<A>, B>(
    fold: Follower<A>,
    decide: () => E.Either<R, D>,
    result: (decision: D) => B,
    isWanted?: () => boolean,
  ) => TE.TaskEither<TransactFailure | R, B>

  /**
   * The events after `seq`, in batches, as they come, until `signal` aborts or the log is closed. The first failure is the last item. A batch
   * may hold any number of decisions, never a part of one.
   */
  readonly follow: (seq: number, signal: AbortSignal) => AsyncIterable<E.Either<ReadFailure, ReadonlyArray<A>>>

  /** Begins to watch for appends, also by other processes. Whoever looks after this call and after each `next` misses none. */
  readonly watch: () => LogWatch

  /**
   * Waits for what is in flight, then lets go of everything the log holds open. Calls from now on answer `Closed`; one in
   * flight may do so if nothing was decided of it. Followers end, and watches tell of nothing any more.
   */
  readonly close: T.Task<void>
}

/** Throws unless `events` are numbered on from `expectedSeq`: a caller's defect, caught before anything is written. */
export const assertNumberedFrom = (expectedSeq: number, events: ReadonlyArray<Numbered>): void => {
  events.forEach((event, i) => {
    if (event.seq !== expectedSeq + 1 + i)
      throw new RangeError(`event ${event.seq} cannot follow ${expectedSeq + i}: events are numbered without a gap`)
  })
}

/**
 * The life of a log, a workspace or a queue, the same for all of them:
 *
 * ```
 *   open ──close()──► closing ──nothing is in flight──► release ──► closed
 *    │                  │
 *    calls begin        calls in flight go on; one that is still undecided after graceMs gives up
 *                       calls that begin answer `Closed`, here and ever after
 * ```
 */
export type LifeCycle = {
  readonly isOpen: () => boolean
  /** Begins a call, which must {@link LifeCycle.end}; false: too late, it is to answer {@link closed}. */
  readonly begin: () => boolean
  readonly end: () => void
  /** Runs a whole call. */
  readonly during: <L, A>(call: TE.TaskEither<L, A>) => TE.TaskEither<L | Closed, A>
  /** Whether a call in flight that nothing was decided of is to give up. */
  readonly isOverdue: () => boolean
  /** Calls `told` when closing begins, at once where it has; the answer takes that back. `told` must not throw. */
  readonly onClosing: (told: () => void) => () => void
  /** Closes, once however often it is asked: waits for what is in flight, then for `release`. */
  readonly close: (release: () => Promise<void> | void) => Promise<void>
}

/** What calls answer that come too late. */
export const closed: E.Either<Closed, never> = E.left({ failure: 'Closed' })

/** Long enough for a command that waits its turn among others, short for whoever wants to end. */
const graceMs = 500

const uptimeMs = (): number => process.uptime() * 1000

/** A life that begins open. */
export const lifeCycle = (monotonicMs: () => number = uptimeMs): LifeCycle => {
  const listeners = new Set<() => void>()
  let inFlight = 0
  let closingSince: number | undefined
  let drained: (() => void) | undefined
  let closing: Promise<void> | undefined

  const isOpen = (): boolean => closingSince === undefined
  const begin = (): boolean => {
    if (closingSince !== undefined) return false
    inFlight += 1
    return true
  }
  const end = (): void => {
    inFlight -= 1
    if (inFlight === 0) drained?.()
  }
  const closeOnce = async (release: () => Promise<void> | void): Promise<void> => {
    for (const told of [...listeners]) told()
    listeners.clear()
    if (inFlight > 0)
      await new Promise<void>(resolve => {
        // A turn later: whoever waited for an answer has it before who waits for the end.
        drained = () => setImmediate(resolve)
      })
    await release()
  }

  return {
    isOpen,
    begin,
    end,
    // Not by `finally` of the promise, which takes three times as long: every command comes by here.
    during: call => async () => {
      if (!begin()) return closed
      try {
        return await call()
      } finally {
        end()
      }
    },
    isOverdue: () => closingSince !== undefined && monotonicMs() - closingSince >= graceMs,
    onClosing: told => {
      if (isOpen()) listeners.add(told)
      else told()
      return () => void listeners.delete(told)
    },
    close: release => {
      if (closing !== undefined) return closing
      closingSince = monotonicMs()
      closing = closeOnce(release)
      return closing
    },
  }
}
