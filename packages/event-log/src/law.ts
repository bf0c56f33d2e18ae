import assert from 'node:assert/strict'
import * as E from 'fp-ts/lib/Either.js'
import { identity } from 'fp-ts/lib/function.js'
import type { EventLog, Follower, Numbered } from './event-log.ts'

/** The event type of the suite: a number and a word. */
export type Sample = Numbered & { readonly word: string }

/** Storage for the events of one log, on which any number of logs can be opened. */
export type Storage = {
  readonly open: () => Promise<EventLog<Sample>>
  readonly dispose: () => Promise<void>
}

/** One promise of the port: a sentence, and a run that rejects if it is broken. */
export type Law = { readonly title: string; readonly holdsOn: (storage: Storage) => Promise<void> }

export const sample = (seq: number, word = `w${seq}`): Sample => ({ seq, word })

export const samples = (from: number, to: number): ReadonlyArray<Sample> =>
  Array.from({ length: to - from + 1 }, (_, i) => sample(from + i))

export const wordsOf = (events: ReadonlyArray<Sample>): ReadonlyArray<string> =>
  events.map(({ seq, word }) => `${seq}:${word}`)

export const right = <L, A>(either: E.Either<L, A>): A => {
  if (E.isLeft(either)) assert.fail(`expected success, got ${JSON.stringify(either.left)}`)
  return either.right
}

export const readAll = async (log: EventLog<Sample>, after = 0): Promise<ReadonlyArray<Sample>> => {
  const events: Array<Sample> = []
  const end = right(await log.readAfter(after, batch => events.push(...batch))())
  assert.equal(end, Math.max(after, events.at(-1)?.seq ?? 0))
  return events
}

export const collector = (start = 0): Follower<Sample> & { readonly taken: Array<Sample> } => {
  const taken: Array<Sample> = []
  return {
    taken,
    get seq() {
      return start + taken.length
    },
    take: events => {
      for (const event of events)
        assert.equal(event.seq, start + taken.push(event), 'a fold gets each event once, in order')
    },
  }
}

export const addressesOf = async (log: EventLog<Sample>): Promise<ReadonlyArray<number>> => {
  const addresses: Array<number> = []
  right(await log.readAfter(0, (_, batch) => addresses.push(...batch))())
  return addresses
}

export const addOne = (log: EventLog<Sample>, follower: Follower<Sample>, word: string): Promise<unknown> =>
  log.transact(follower, () => E.right({ events: [sample(follower.seq + 1, word)] }), identity)()
