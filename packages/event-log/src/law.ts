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
}

/** One promise of the port: a sentence, and a run that rejects if it is broken. */
export type Law = { readonly title: string; readonly check: (storage: LogStorage) => Promise<void> }

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
  }
}

export const readOffsets = async (log: EventLog<SampleEvent>): Promise<ReadonlyArray<number>> => {
  const offsets: Array<number> = []
  expectRight(await log.read(0, (_, batch) => offsets.push(...batch))())
  return offsets
}

export const appendOne = (log: EventLog<SampleEvent>, fold: Fold<SampleEvent>, word: string): Promise<unknown> =>
  log.transact(fold, () => E.right({ events: [sample(fold.seq + 1, word)] }), identity)()
