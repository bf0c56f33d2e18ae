import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { isCheckpointDamage } from '@claimlog/checkpoint/damage'
import { elapsedAt, type Event, msOf, type State, type Time, timeOf } from '@claimlog/domain'
import type { QueueFailure } from '@claimlog/messages'
import { type Moment, pastsAt } from '@claimlog/workspace'
import type { LocalQueue, QueueQuery } from '../local-queue.ts'

/** Which state is asked for. */
export type PartsOptions = {
  /** The state as it was then; as it is unless said. */
  readonly at?: Moment
  /** What is made of each event first: the log is then read from its first line. */
  readonly change?: (event: Event) => Event
}

/** A query for the parts of a text of a state, made as they are asked for: the same of the same state. */
export type PartsQuery = QueueQuery<Iterable<string>>

/**
 * Gives the parts that `make` makes of the state to `take`, one by one, so that a long text is never held as one. Each is
 * given once, also where the checkpoint under the state turns out to be damaged in between.
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

/** How many parts were given, of the state at which moment; and of which seq, if not all were. */
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

/** The same state, from the log alone, comes to the same parts. */
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
  at: Moment | undefined,
  query: QueueQuery<void>,
): TE.TaskEither<QueueFailure, void> => {
  const log: Parameters<typeof pastsAt>[0] = {
    readAfter: (seq, take, isEnough) =>
      readEvents(seq, (events, addresses) => take(events.map(change), addresses), isEnough),
  }
  return pipe(
    TE.fromIO(() => ({ now: timeOf(Date.now()) })),
    TE.bind('pasts', ({ now }) => pastsAt(log, [at], now)),
    TE.map(({ pasts, now }) => {
      for (const { state, now: then } of pasts)
        query(state, at === undefined ? elapsedAt(state.time, state.clock, msOf(now)) : then)
    }),
  )
}
