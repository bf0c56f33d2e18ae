import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { isCheckpointDamage } from '@claimlog/checkpoint/damage'
import { toElapsedTime, type Event, timeToMs, type State, type Time, timeFromMs } from '@claimlog/domain'
import type { QueueFailure } from '@claimlog/messages'
import { type PointInTime, readPastStates } from '@claimlog/workspace'
import type { LocalQueue, QueueQuery } from '../local-queue.ts'

/** The options of a chunked query. */
export type PartsOptions = {
  /** The point in time of the state; default: now. */
  readonly at?: PointInTime
  /** Transforms each event before the fold; the log is then read from its first line. */
  readonly change?: (event: Event) => Event
}

/** A query that builds a text in chunks, lazily. The same state must give the same chunks. */
export type PartsQuery = QueueQuery<Iterable<string>>

/**
 * Passes the chunks that `buildChunks` builds from the state to `onChunk` one by one, so that a long text is never in
 * memory as a whole. Each chunk is passed once, even if the checkpoint turns out to be damaged in between.
 */
export const takeParts = (
  queue: LocalQueue,
  make: PartsQuery,
  take: (part: string) => void,
  { at, change }: PartsOptions,
): TE.TaskEither<QueueFailure, void> =>
  change === undefined
    ? pipe(
        queue.query((state, now) => takeSound(state, now, make, take), { at }),
        TE.chainW(({ given, now, damagedAt }) =>
          damagedAt === undefined ? TE.right(undefined) : takeRest(queue, make, take, { given, now, seq: damagedAt }),
        ),
      )
    : queryChanged(queue, change, at, (state, now) => {
        for (const part of make(state, now)) take(part)
      })

/** The number of chunks that were passed, the time of the state, and its seq if the checkpoint was damaged. */
type Given = { readonly given: number; readonly now: Time; readonly damagedAt?: number }

const takeSound = (state: State, now: Time, make: PartsQuery, take: (part: string) => void): Given => {
  const parts = make(state, now)
  let given = 0
  try {
    for (const part of parts) {
      take(part)
      given += 1
    }
  } catch (thrown) {
    if (!isCheckpointDamage(thrown)) throw thrown
    return { given, now, damagedAt: state.seq }
  }
  return { given, now }
}

/** Passes the remaining chunks from the same state, which is folded from the log alone. */
const takeRest = (
  { query }: LocalQueue,
  make: PartsQuery,
  take: (part: string) => void,
  { given, now, seq }: { readonly given: number; readonly now: Time; readonly seq: number },
): TE.TaskEither<QueueFailure, void> =>
  query(
    state => {
      let skipped = 0
      for (const part of make(state, now))
        if (skipped < given) skipped += 1
        else take(part)
    },
    { at: { seq } },
  )

const queryChanged = (
  { readEvents }: LocalQueue,
  change: (event: Event) => Event,
  at: PointInTime | undefined,
  query: QueueQuery<void>,
): TE.TaskEither<QueueFailure, void> => {
  const log: Parameters<typeof readPastStates>[0] = {
    read: (seq, take, isEnough) =>
      readEvents(seq, (events, addresses) => take(events.map(change), addresses), isEnough),
  }
  return pipe(
    TE.fromIO(() => ({ now: timeFromMs(Date.now()) })),
    TE.bind('pasts', ({ now }) => readPastStates(log, [at], now)),
    TE.map(({ pasts, now }) => {
      for (const { state, now: then } of pasts)
        query(state, at === undefined ? toElapsedTime(state.time, state.clock, timeToMs(now)) : then)
    }),
  )
}
