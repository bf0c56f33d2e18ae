import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type Appending,
  assertNumberedFrom,
  closed,
  type EventLog,
  type Follower,
  type LifeCycle,
  lifeCycle,
  type LogWatch,
  type Numbered,
  type Take,
} from './event-log.ts'
import type { Closed } from './log-failure.ts'

/** The events of memory logs: logs that share a storage see each other's appends. */
export type MemoryStorage<A> = {
  /** Unique per storage. */
  readonly id: string
  readonly events: Array<A>
  readonly listeners: Set<() => void>
}

export const memoryStorage = <A>(): MemoryStorage<A> => ({
  id: `memory ${(made += 1)}`,
  events: [],
  listeners: new Set(),
})

let made = 0

/** A log that lasts as long as its storage: for tests and experiments. */
export const memoryLog = <A extends Numbered>(storage: MemoryStorage<A>): EventLog<A> => {
  const { events, listeners } = storage
  const life = lifeCycle()
  let known = 0

  const write = (more: ReadonlyArray<A>): void => {
    assertNumberedFrom(events.length, more)
    for (const event of more) events.push(event)
    known = events.length
    for (const listener of listeners) listener()
  }
  const giveAfter = (seq: number, take: Take<A>): void => {
    known = Math.max(known, events.length)
    const after = events.slice(seq)
    if (after.length > 0)
      take(
        after,
        after.map(event => event.seq),
      )
  }
  return {
    readAfter: (seq, take) =>
      life.during(async () => {
        giveAfter(seq, take)
        return E.right(events.length)
      }),
    bookmark: () => ({ seq: known, at: storage.id }),
    resume: ({ seq, at }) =>
      life.during(async () => {
        if (at !== storage.id || seq > events.length) return E.right(false)
        known = seq
        return E.right(true)
      }),
    holds: ({ seq, at }) => life.during(async () => E.right(at === storage.id && seq <= events.length)),
    fetch: addresses =>
      life.during(async () => {
        const found = addresses.flatMap(address => events[address - 1] ?? [])
        return E.right(found.length === addresses.length ? found : undefined)
      }),
    append: (expectedSeq, more) =>
      life.during(async () => {
        if (events.length !== expectedSeq)
          return E.left({ failure: 'SeqConflict', expectedSeq, actualSeq: events.length })
        write(more)
        return E.right(undefined)
      }),
    transact: <R, D extends Appending<A>, B>(
      fold: Follower<A>,
      decide: () => E.Either<R, D>,
      result: (decision: D) => B,
    ): TE.TaskEither<R | Closed, B> =>
      life.during(async () => {
        giveAfter(fold.seq, fold.take)
        const decided = decide()
        if (E.isLeft(decided)) return decided
        write(decided.right.events)
        giveAfter(fold.seq, fold.take)
        return E.right(result(decided.right))
      }),
    follow: (seq, signal) => followMemory(storage, life, seq, signal),
    watch: () => watchMemory(storage, life),
    close: () => life.close(() => undefined),
  }
}

const followMemory = async function* <A>(
  storage: MemoryStorage<A>,
  life: LifeCycle,
  seq: number,
  signal: AbortSignal,
): AsyncGenerator<E.Either<Closed, ReadonlyArray<A>>> {
  const { events } = storage
  if (!life.isOpen()) yield closed
  for (let next = seq; life.isOpen() && !signal.aborted;) {
    if (next >= events.length) await nextAppend(storage, [signal], life)
    const batch = events.slice(next)
    next = events.length
    if (batch.length > 0 && life.isOpen() && !signal.aborted) yield E.right(batch)
  }
}

const watchMemory = <A>(storage: MemoryStorage<A>, life: LifeCycle): LogWatch => {
  const { events } = storage
  const closing = new AbortController()
  let seen = events.length
  return {
    next: async signal => {
      if (seen === events.length) await nextAppend(storage, [signal, closing.signal], life)
      seen = events.length
    },
    close: () => closing.abort(),
  }
}

/** Resolves at the next append, when one of `signals` aborts or has, or when the log is closed. */
const nextAppend = <A>(
  { listeners }: MemoryStorage<A>,
  signals: ReadonlyArray<AbortSignal>,
  life: LifeCycle,
): Promise<void> =>
  new Promise(resolve => {
    let unlisten = (): void => undefined
    const wake = (): void => {
      listeners.delete(wake)
      for (const signal of signals) signal.removeEventListener('abort', wake)
      unlisten()
      resolve()
    }
    listeners.add(wake)
    for (const signal of signals) signal.addEventListener('abort', wake)
    unlisten = life.onClosing(wake)
    if (signals.some(signal => signal.aborted)) wake()
  })
