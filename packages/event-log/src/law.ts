import assert from 'node:assert/strict'
import * as E from 'fp-ts/lib/Either.js'
import { identity } from 'fp-ts/lib/function.js'
import type { EventLog, Fold, Numbered } from './event-log.ts'

/** The event type of the suite: a number and a word. */
export type SampleEvent = Numbered & { readonly word: string }

/** Storage for the events of one log, on which any number of logs can be opened. */
export type LogStorage = {
  readonly open: () => Promise<EventLog<SampleEvent>>
  readonly dispose: () => Promise<void>
} & Partial<StorageFaults>

/** Accidents of a storage. One that cannot have such an accident does not implement it. */
export type StorageFaults = {
  /** Loses the events after `seq`, without telling the logs that are open. */
  readonly loseTail: (seq: number) => Promise<void>
  /**
   * Loses the answer to the next append of a log that {@link StorageFaults.openLossy} opened, after it was done, and
   * runs `meanwhile` before that log can ask again.
   */
  readonly loseNextAnswer: (meanwhile: () => Promise<void>) => void
  readonly openLossy: () => Promise<EventLog<SampleEvent>>
  /** Opens a log on a machine whose wall clock is `offsetMs` ahead. */
  readonly openWithClock: (offsetMs: number) => Promise<EventLog<SampleEvent>>
}

/** One promise of the port: a sentence, and a run that rejects if it is broken. */
export type Law = {
  readonly title: string
  readonly check: (storage: LogStorage) => Promise<void>
  /** The accidents without which it says nothing about a storage. */
  readonly requires?: ReadonlyArray<keyof StorageFaults>
}

/** True if the storage can have the accidents that the law is about. */
export const isApplicable = ({ requires = [] }: Law, storage: Partial<StorageFaults>): boolean =>
  requires.every(fault => storage[fault] !== undefined)

export const sample = (seq: number, word = `w${seq}`): SampleEvent => ({ seq, word })

export const samples = (first: number, last: number): ReadonlyArray<SampleEvent> =>
  Array.from({ length: last - first + 1 }, (_, i) => sample(first + i))

export const formatEvents = (events: ReadonlyArray<SampleEvent>): ReadonlyArray<string> =>
  events.map(({ seq, word }) => `${seq}:${word}`)

export const expectRight = <L, A>(either: E.Either<L, A>): A => {
  if (E.isLeft(either)) assert.fail(`expected success, got ${JSON.stringify(either.left)}`)
  return either.right
}

export const readAll = async (log: EventLog<SampleEvent>, afterSeq = 0): Promise<ReadonlyArray<SampleEvent>> => {
  const events: Array<SampleEvent> = []
  const end = expectRight(await log.read(afterSeq, batch => events.push(...batch))())
  assert.equal(end, Math.max(afterSeq, events.at(-1)?.seq ?? 0))
  return events
}

export const collectingFold = (start = 0): Fold<SampleEvent> & { readonly applied: Array<SampleEvent> } => {
  const applied: Array<SampleEvent> = []
  return {
    applied,
    get seq() {
      return start + applied.length
    },
    apply: events => {
      for (const event of events)
        assert.equal(event.seq, start + applied.push(event), 'a fold gets each event once, in order')
    },
    applyProvisionally: () => {
      const { length } = applied
      return () => void applied.splice(length)
    },
  }
}

export const readOffsets = async (log: EventLog<SampleEvent>): Promise<ReadonlyArray<number>> => {
  const offsets: Array<number> = []
  expectRight(await log.read(0, (_, batch) => offsets.push(...batch))())
  return offsets
}

export const appendOne = (log: EventLog<SampleEvent>, fold: Fold<SampleEvent>, word: string): Promise<unknown> =>
  log.transact(fold, () => E.right({ events: [sample(fold.seq + 1, word)] }), identity)()
