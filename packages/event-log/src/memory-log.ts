import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type HasEvents,
  assertConsecutiveSeqs,
  closed,
  type EventLog,
  type Fold,
  type LifeCycle,
  type LogCursor,
  lifeCycle,
  type LogWatch,
  type Numbered,
  type OnEvents,
  type OnLines,
} from './event-log.ts'
import type { Closed, HistoryChanged } from './log-failure.ts'

/** The events of memory logs: logs that share a storage see each other's appends. */
export type MemoryStorage<A> = {
  /** Unique per storage. */
  readonly id: string
  readonly events: Array<A>
  readonly listeners: Set<() => void>
  /** The clock of the storage, as of a log that machines share; undefined: the clocks of the machine count. */
  readonly clock?: () => number
}

export const memoryStorage = <A>(clock?: () => number): MemoryStorage<A> => ({
  id: `memory ${(storageCount += 1)}`,
  events: [],
  listeners: new Set(),
  clock,
})

let storageCount = 0

/** A log that lasts as long as its storage: for tests and experiments. */
export const memoryLog = <A extends Numbered>(storage: MemoryStorage<A>): EventLog<A> => {
  const { events, listeners } = storage
  const life = lifeCycle()
  let lastKnownSeq = 0

  const write = (newEvents: ReadonlyArray<A>): void => {
    assertConsecutiveSeqs(events.length, newEvents)
    for (const event of newEvents) events.push(event)
    lastKnownSeq = events.length
    for (const listener of listeners) listener()
  }
  const runChecked = makeRunChecked(storage, life, () => lastKnownSeq)
  const deliverEvents = (seq: number, onEvents: OnEvents<A>): void => {
    lastKnownSeq = Math.max(lastKnownSeq, events.length)
    const newEvents = events.slice(seq)
    if (newEvents.length > 0)
      onEvents(
        newEvents,
        newEvents.map(event => event.seq),
      )
  }
  return {
    describe: () => storage.id,
    now: () => storage.clock?.(),
    read: (seq, onEvents) =>
      runChecked(async () => {
        deliverEvents(seq, onEvents)
        return E.right(events.length)
      }),
    readLines: (seq, onLines) => life.run(async () => E.right(emitLines(storage, seq, onLines))),
    cursor: () => ({ seq: lastKnownSeq, location: storage.id }),
    resume: cursor =>
      life.run(async () => {
        if (!containsCursor(storage, cursor)) return E.right(false)
        lastKnownSeq = cursor.seq
        return E.right(true)
      }),
    contains: cursor => life.run(async () => E.right(containsCursor(storage, cursor))),
    readByOffset: offsets =>
      life.run(async () => {
        const fetchedEvents = offsets.flatMap(offset => events[offset - 1] ?? [])
        return E.right(fetchedEvents.length === offsets.length ? fetchedEvents : undefined)
      }),
    append: (expectedSeq, newEvents) =>
      runChecked(async () => {
        if (events.length !== expectedSeq)
          return E.left({ failure: 'SeqConflict', expectedSeq, actualSeq: events.length })
        write(newEvents)
        return E.right(undefined)
      }),
    transact: <R, D extends HasEvents<A>, B>(
      fold: Fold<A>,
      decide: () => E.Either<R, D>,
      result: (decision: D) => B,
    ): TE.TaskEither<R | Closed | HistoryChanged, B> =>
      runChecked(async () => {
        deliverEvents(fold.seq, fold.apply)
        const decision = decide()
        if (E.isLeft(decision)) return decision
        write(decision.right.events)
        deliverEvents(fold.seq, fold.apply)
        return E.right(result(decision.right))
      }),
    follow: (seq, signal) => followMemory(storage, life, seq, signal),
    watch: () => watchMemory(storage, life),
    close: () => life.close(() => undefined),
  }
}

/** Passes the JSON of the events after `seq` to `onLines`, and returns the last seq. */
const emitLines = <A>({ events }: MemoryStorage<A>, seq: number, onLines: OnLines): number => {
  const lines = events.slice(seq).map(event => JSON.stringify(event))
  if (lines.length > 0) onLines(lines)
  return Math.max(seq, events.length)
}

const containsCursor = <A>({ id, events }: MemoryStorage<A>, { seq, location }: LogCursor): boolean =>
  location === id && seq <= events.length

/** Runs a call if the storage still has what was read or written up to `knownSeq`. */
const makeRunChecked =
  <S>({ id, events }: MemoryStorage<S>, life: LifeCycle, knownSeq: () => number) =>
  <L, A>(call: TE.TaskEither<L, A>): TE.TaskEither<L | Closed | HistoryChanged, A> =>
    life.run<L | HistoryChanged, A>(async () => {
      const seq = knownSeq()
      if (events.length >= seq) return call()
      const detail = `the log ends at seq ${events.length}, but events up to seq ${seq} were there before`
      return E.left({ failure: 'HistoryChanged', path: id, line: events.length + 1, detail })
    })

const followMemory = async function* <A>(
  storage: MemoryStorage<A>,
  life: LifeCycle,
  seq: number,
  signal: AbortSignal,
): AsyncGenerator<E.Either<Closed, ReadonlyArray<A>>> {
  const { events } = storage
  if (!life.isOpen()) yield closed
  for (let next = seq; life.isOpen() && !signal.aborted;) {
    if (next >= events.length) await waitForAppend(storage, [signal], life)
    const batch = events.slice(next)
    next = events.length
    if (batch.length > 0 && life.isOpen() && !signal.aborted) yield E.right(batch)
  }
}

const watchMemory = <A>(storage: MemoryStorage<A>, life: LifeCycle): LogWatch => {
  const { events } = storage
  const closing = new AbortController()
  let knownLength = events.length
  return {
    next: async signal => {
      if (knownLength === events.length) await waitForAppend(storage, [signal, closing.signal], life)
      knownLength = events.length
    },
    close: () => closing.abort(),
  }
}

/** Resolves at the next append, when one of `signals` aborts or has aborted, or when the log is closed. */
const waitForAppend = <A>(
  { listeners }: MemoryStorage<A>,
  signals: ReadonlyArray<AbortSignal>,
  life: LifeCycle,
): Promise<void> =>
  new Promise(resolve => {
    let unsubscribe = (): void => undefined
    const wake = (): void => {
      listeners.delete(wake)
      for (const signal of signals) signal.removeEventListener('abort', wake)
      unsubscribe()
      resolve()
    }
    listeners.add(wake)
    for (const signal of signals) signal.addEventListener('abort', wake)
    unsubscribe = life.onClosing(wake)
    if (signals.some(signal => signal.aborted)) wake()
  })
