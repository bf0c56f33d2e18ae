import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type Appending,
  assertNumberedFrom,
  type EventLog,
  type Follower,
  type LogWatch,
  type Numbered,
  type Take,
} from './event-log.ts'

/** Where memory logs keep their events: logs that share one see each other's appends. */
export type MemoryStorage<A> = {
  /** Tells it from every other one. */
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

/** A log that lasts as long as its storage: for tests, and for trying things out. */
export const memoryLog = <A extends Numbered>(storage: MemoryStorage<A>): EventLog<A> => {
  const { events, listeners } = storage
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
    readAfter: (seq, take) => async () => {
      giveAfter(seq, take)
      return E.right(events.length)
    },
    bookmark: () => ({ seq: known, at: storage.id }),
    resume:
      ({ seq, at }) =>
      async () => {
        if (at !== storage.id || seq > events.length) return E.right(false)
        known = seq
        return E.right(true)
      },
    holds:
      ({ seq, at }) =>
      async () =>
        E.right(at === storage.id && seq <= events.length),
    fetch: addresses => async () => {
      const found = addresses.flatMap(address => events[address - 1] ?? [])
      return E.right(found.length === addresses.length ? found : undefined)
    },
    append: (expectedSeq, more) => async () => {
      if (events.length !== expectedSeq)
        return E.left({ failure: 'SeqConflict', expectedSeq, actualSeq: events.length })
      write(more)
      return E.right(undefined)
    },
    transact:
      <R, D extends Appending<A>>(follower: Follower<A>, decide: () => E.Either<R, D>): TE.TaskEither<R, D> =>
      async () => {
        giveAfter(follower.seq, follower.take)
        const decided = decide()
        if (E.isLeft(decided)) return decided
        write(decided.right.events)
        giveAfter(follower.seq, follower.take)
        return decided
      },
    follow: async function* (seq, signal) {
      let next = seq
      while (!signal.aborted) {
        if (next >= events.length) await nextAppend(listeners, signal)
        const batch = events.slice(next)
        next = events.length
        if (batch.length > 0 && !signal.aborted) yield E.right(batch)
      }
    },
    watch: () => watchMemory(storage),
    close: async () => undefined,
  }
}

const watchMemory = <A>({ events, listeners }: MemoryStorage<A>): LogWatch => {
  let seen = events.length
  return {
    next: async signal => {
      if (seen === events.length && !signal.aborted) await nextAppend(listeners, signal)
      seen = events.length
    },
    close: () => undefined,
  }
}

const nextAppend = (listeners: Set<() => void>, signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    const wake = (): void => {
      listeners.delete(wake)
      signal.removeEventListener('abort', wake)
      resolve()
    }
    listeners.add(wake)
    signal.addEventListener('abort', wake)
  })
