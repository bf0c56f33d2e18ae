import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { type Appending, assertNumberedFrom, type EventLog, type Follower, type Numbered } from './event-log.ts'

/** Where memory logs keep their events: logs that share one see each other's appends. */
export type MemoryStorage<A> = { readonly events: Array<A>; readonly listeners: Set<() => void> }

export const memoryStorage = <A>(): MemoryStorage<A> => ({ events: [], listeners: new Set() })

/** A log that lasts as long as its storage: for tests, and for trying things out. */
export const memoryLog = <A extends Numbered>(storage: MemoryStorage<A>): EventLog<A> => {
  const { events, listeners } = storage

  const write = (more: ReadonlyArray<A>): void => {
    assertNumberedFrom(events.length, more)
    for (const event of more) events.push(event)
    for (const listener of listeners) listener()
  }
  const catchUp = (follower: Follower<A>): void => {
    if (follower.seq < events.length) follower.take(events.slice(follower.seq))
  }
  const nextAppend = (signal: AbortSignal): Promise<void> =>
    new Promise(resolve => {
      const wake = (): void => {
        listeners.delete(wake)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      listeners.add(wake)
      signal.addEventListener('abort', wake)
    })

  return {
    readAfter: (seq, take) => async () => {
      if (seq < events.length) take(events.slice(seq))
      return E.right(events.length)
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
        catchUp(follower)
        const decided = decide()
        if (E.isLeft(decided)) return decided
        write(decided.right.events)
        catchUp(follower)
        return decided
      },
    follow: async function* (seq, signal) {
      let next = seq
      while (!signal.aborted) {
        if (next >= events.length) await nextAppend(signal)
        const batch = events.slice(next)
        next = events.length
        if (batch.length > 0 && !signal.aborted) yield E.right(batch)
      }
    },
    close: async () => undefined,
  }
}
