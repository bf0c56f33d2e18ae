import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { isCheckpointDamage } from '@claimlog/checkpoint/damage'
import { toElapsedTime, type Event, type State, type Time, timeFromMs } from '@claimlog/domain'
import type { QueueFailure } from '@claimlog/messages'
import { type PointInTime, readPastStates } from '@claimlog/workspace'
import type { LocalQueue, QueueQuery } from '../local-queue.ts'

/** The options of a chunked query. */
export type ChunkOptions = {
  /** The point in time of the state; default: now. */
  readonly at?: PointInTime
  /** Transforms each event before the fold; the log is then read from its first line. */
  readonly transform?: (event: Event) => Event
}

/** A query that builds a text in chunks, lazily. The same state must give the same chunks. */
export type ChunkQuery = QueueQuery<Iterable<string>>

/**
 * Passes the chunks that `buildChunks` builds from the state to `onChunk` one by one, so that a long text is never in
 * memory as a whole. Each chunk is passed once, even if the checkpoint turns out to be damaged in between.
 */
export const streamChunks = (
  queue: LocalQueue,
  buildChunks: ChunkQuery,
  onChunk: (chunk: string) => void,
  { at, transform }: ChunkOptions,
): TE.TaskEither<QueueFailure, void> =>
  transform === undefined
    ? pipe(
        queue.query((state, now) => passChunks(state, now, buildChunks, onChunk), { at }),
        TE.chainW(({ count, now, damagedSeq }) =>
          damagedSeq === undefined
            ? TE.right(undefined)
            : passRemainingChunks(queue, buildChunks, onChunk, { count, now, seq: damagedSeq }),
        ),
      )
    : queryTransformedLog(queue, transform, at, (state, now) => {
        for (const chunk of buildChunks(state, now)) onChunk(chunk)
      })

/** The number of chunks that were passed, the time of the state, and its seq if the checkpoint was damaged. */
type ChunkProgress = { readonly count: number; readonly now: Time; readonly damagedSeq?: number }

const passChunks = (
  state: State,
  now: Time,
  buildChunks: ChunkQuery,
  onChunk: (chunk: string) => void,
): ChunkProgress => {
  const chunks = buildChunks(state, now)
  let count = 0
  try {
    for (const chunk of chunks) {
      onChunk(chunk)
      count += 1
    }
  } catch (thrown) {
    if (!isCheckpointDamage(thrown)) throw thrown
    return { count, now, damagedSeq: state.seq }
  }
  return { count, now }
}

/** Passes the remaining chunks from the same state, which is folded from the log alone. */
const passRemainingChunks = (
  { query }: LocalQueue,
  buildChunks: ChunkQuery,
  onChunk: (chunk: string) => void,
  { count, now, seq }: { readonly count: number; readonly now: Time; readonly seq: number },
): TE.TaskEither<QueueFailure, void> =>
  query(
    state => {
      let skippedCount = 0
      for (const chunk of buildChunks(state, now))
        if (skippedCount < count) skippedCount += 1
        else onChunk(chunk)
    },
    { at: { seq } },
  )

const queryTransformedLog = (
  { readEvents, now: nowMs }: LocalQueue,
  transform: (event: Event) => Event,
  at: PointInTime | undefined,
  query: QueueQuery<void>,
): TE.TaskEither<QueueFailure, void> => {
  const log: Parameters<typeof readPastStates>[0] = {
    read: (seq, onChunk, isEnough) =>
      readEvents(seq, (events, addresses) => onChunk(events.map(transform), addresses), isEnough),
  }
  return pipe(
    readPastStates(log, [at], () => timeFromMs(nowMs())),
    TE.map(pasts => {
      for (const { state, now: pastTime } of pasts)
        query(state, at === undefined ? toElapsedTime(state.time, state.clock, nowMs()) : pastTime)
    }),
  )
}
