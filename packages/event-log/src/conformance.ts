import assert from 'node:assert/strict'
import * as E from 'fp-ts/lib/Either.js'
import { identity } from 'fp-ts/lib/function.js'
import { closingLaws } from './closing-laws.ts'
import type { Appending, EventLog, Follower } from './event-log.ts'
import {
  addOne,
  addressesOf,
  collector,
  type Law,
  readAll,
  right,
  type Sample,
  sample,
  samples,
  wordsOf,
} from './law.ts'

export type { Law, Sample, Storage } from './law.ts'

/** The laws that every event log keeps. Run each of them on a new storage. */
export const eventLogLaws: ReadonlyArray<Law> = [
  {
    title: 'the last seq of an empty log is 0',
    holdsOn: async storage => {
      assert.deepEqual(await readAll(await storage.open()), [])
    },
  },
  {
    title: 'events are read in the order in which they were appended, also through another log',
    holdsOn: async storage => {
      const log = await storage.open()
      right(await log.append(0, samples(1, 2))())
      right(await log.append(2, samples(3, 3))())
      assert.deepEqual(wordsOf(await readAll(log)), ['1:w1', '2:w2', '3:w3'])
      assert.deepEqual(wordsOf(await readAll(await storage.open())), ['1:w1', '2:w2', '3:w3'])
    },
  },
  {
    title: 'reading stops after the batch that is enough, and continues from there',
    holdsOn: async storage => {
      const log = await storage.open()
      right(await log.append(0, samples(1, 5000))())
      const reader = await storage.open()
      const taken: Array<Sample> = []
      const take = (batch: ReadonlyArray<Sample>): unknown => taken.push(...batch)
      const end = right(await reader.readAfter(0, take, () => taken.length > 0)())
      assert.equal(end, taken.length)
      assert.equal(reader.bookmark().seq, end)
      right(await reader.readAfter(end, take)())
      assert.deepEqual(wordsOf(taken), wordsOf(samples(1, 5000)))
    },
  },
  {
    title: 'reading after a seq returns the events after it and nothing else',
    holdsOn: async storage => {
      const log = await storage.open()
      right(await log.append(0, samples(1, 5))())
      assert.deepEqual(wordsOf(await readAll(log, 3)), ['4:w4', '5:w5'])
      assert.deepEqual(await readAll(log, 5), [])
    },
  },
  {
    title: 'an append with a stale expected seq is refused and writes nothing',
    holdsOn: async storage => {
      const [ours, theirs] = [await storage.open(), await storage.open()]
      right(await ours.append(0, samples(1, 1))())
      right(await theirs.append(1, samples(2, 2))())
      const late = await ours.append(1, [sample(2, 'late')])()
      assert.deepEqual(late, E.left({ failure: 'SeqConflict', expectedSeq: 1, actualSeq: 2 }))
      assert.deepEqual(wordsOf(await readAll(ours)), ['1:w1', '2:w2'])
    },
  },
  {
    title: 'a gap in the numbers of events is a defect, found before anything is written',
    holdsOn: async storage => {
      const log = await storage.open()
      await assert.rejects(() => log.append(0, [sample(1), sample(3)])(), RangeError)
      assert.deepEqual(await readAll(log), [])
      right(await log.append(0, samples(1, 1))())
    },
  },
  {
    title: 'a transaction decides on every event in the log, and its fold has applied its own events too',
    holdsOn: async storage => {
      const [ours, theirs] = [await storage.open(), await storage.open()]
      const follower = collector()
      await addOne(ours, follower, 'a')
      right(await theirs.append(1, [sample(2, 'b')])())
      await addOne(ours, follower, 'c')
      assert.deepEqual(wordsOf(follower.taken), ['1:a', '2:b', '3:c'])
      assert.deepEqual(wordsOf(await readAll(theirs)), ['1:a', '2:b', '3:c'])
    },
  },
  {
    title: 'a fold that starts late catches up from its own seq',
    holdsOn: async storage => {
      const log = await storage.open()
      await addOne(log, collector(), 'a')
      const late = collector()
      await addOne(log, late, 'b')
      assert.deepEqual(wordsOf(late.taken), ['1:a', '2:b'])
    },
  },
  {
    title: 'a refusal appends nothing and is returned unchanged',
    holdsOn: async storage => {
      const log = await storage.open()
      assert.deepEqual(await log.transact(collector(), () => E.left('no'), identity)(), E.left('no'))
      assert.deepEqual(await readAll(log), [])
    },
  },
  {
    title: 'a decision without events returns a result and appends nothing',
    holdsOn: async storage => {
      const log = await storage.open()
      const decided = await log.transact(collector(), () => E.right({ events: [], answer: 42 }), identity)()
      assert.deepEqual(decided, E.right({ events: [], answer: 42 }))
      assert.deepEqual(await readAll(log), [])
    },
  },
  {
    title: "a result is computed when the decision's own events are the last applied, even in a group commit",
    holdsOn: async storage => {
      const log = await storage.open()
      const follower = collector()
      const lastTaken = (): string => wordsOf(follower.taken.slice(-1)).join()
      const say = (word: string): Promise<unknown> =>
        log.transact(
          follower,
          () => E.right({ events: samples(follower.seq + 1, follower.seq + 2).map(event => ({ ...event, word })) }),
          ({ events }) => ({ own: wordsOf(events).at(-1), lastTaken: lastTaken() }),
        )()
      const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => say(`call ${i}`)))
      const expected = answers.map((_, i) => `${2 * (i + 1)}:call ${i}`)
      assert.deepEqual(
        answers,
        expected.map(last => E.right({ own: last, lastTaken: last })),
      )
    },
  },
  {
    title: 'the result of a decision without events is computed from the current state',
    holdsOn: async storage => {
      const [ours, theirs] = [await storage.open(), await storage.open()]
      right(await theirs.append(0, samples(1, 3))())
      const follower = collector()
      const nothing = (): E.Either<never, Appending<Sample>> => E.right({ events: [] })
      const seen = await ours.transact(follower, nothing, () => wordsOf(follower.taken))()
      assert.deepEqual(seen, E.right(['1:w1', '2:w2', '3:w3']))
    },
  },
  {
    title: 'no result is computed for a decision that is refused or that cannot be appended',
    holdsOn: async storage => {
      const log = await storage.open()
      const never = (): never => assert.fail('a result was made')
      assert.deepEqual(await log.transact(collector(), () => E.left('no'), never)(), E.left('no'))
      const gap = (): E.Either<never, Appending<Sample>> => E.right({ events: samples(5, 5) })
      await assert.rejects(() => log.transact(collector(), gap, never)(), RangeError)
    },
  },
  {
    title: 'a decision that throws leaves the log usable and unchanged',
    holdsOn: async storage => {
      const log = await storage.open()
      const broken = (): never => {
        throw new Error('a defect in a decision')
      }
      await assert.rejects(() => log.transact(collector(), broken, () => undefined)(), /a defect in a decision/)
      await addOne(await storage.open(), collector(), 'a')
      await addOne(log, collector(), 'b')
      assert.deepEqual(wordsOf(await readAll(log)), ['1:a', '2:b'])
    },
  },
  {
    title: 'a decision of many events is appended as a whole',
    holdsOn: async storage => {
      const log = await storage.open()
      right(await log.append(0, samples(1, 1000))())
      assert.equal((await readAll(await storage.open())).length, 1000)
    },
  },
  {
    title: 'concurrent transactions through several logs each append their own event',
    holdsOn: async storage => {
      const logs = await Promise.all([storage.open(), storage.open(), storage.open()])
      const followers = logs.map(() => collector())
      const writers = Array.from({ length: 60 }, (_, i) => i)
      await Promise.all(
        writers.map(i => {
          const which = i % logs.length
          return addOne(logs[which] as EventLog<Sample>, followers[which] as Follower<Sample>, `writer ${i}`)
        }),
      )
      const events = await readAll(await storage.open())
      assert.deepEqual(new Set(events.map(event => event.word)), new Set(writers.map(i => `writer ${i}`)))
    },
  },
  {
    title: 'each event has an offset at which it can be read again',
    holdsOn: async storage => {
      const log = await storage.open()
      right(await log.append(0, samples(1, 3))())
      right(await log.append(3, samples(4, 4))())
      const addresses = await addressesOf(log)
      assert.equal(addresses.length, 4)
      assert.deepEqual(
        addresses,
        [...addresses].sort((a, b) => a - b),
      )
      const [first = 0, , , last = 0] = addresses
      const found = right(await (await storage.open()).fetch([last, first])())
      assert.deepEqual(wordsOf(found ?? []), ['4:w4', '1:w1'])
      assert.deepEqual(right(await log.fetch([])()), [])
    },
  },
  {
    title: 'an offset at which no event starts reads as undefined',
    holdsOn: async storage => {
      const log = await storage.open()
      right(await log.append(0, samples(1, 2))())
      const [, last = 0] = await addressesOf(log)
      assert.equal(right(await log.fetch([last, last + 1])()), undefined)
      assert.equal(right(await log.fetch([last + 100_000])()), undefined)
    },
  },
  {
    title: 'a transaction also passes the offsets of the events that it appended',
    holdsOn: async storage => {
      const log = await storage.open()
      const addresses: Array<number> = []
      const follower = collector()
      const noting: Follower<Sample> = {
        get seq() {
          return follower.seq
        },
        take: (events, at) => {
          follower.take(events, at)
          addresses.push(...at)
        },
      }
      await addOne(log, noting, 'a')
      await addOne(log, noting, 'b')
      assert.deepEqual(addresses, await addressesOf(await storage.open()))
    },
  },
  {
    title: 'reads and transactions continue from a cursor',
    holdsOn: async storage => {
      const log = await storage.open()
      right(await log.append(0, samples(1, 2))())
      const bookmark = log.bookmark()
      assert.equal(bookmark.seq, 2)
      right(await log.append(2, samples(3, 3))())
      const later = await storage.open()
      assert.equal(right(await later.holds(bookmark)()), true)
      assert.equal(right(await later.resume(bookmark)()), true)
      assert.deepEqual(later.bookmark(), bookmark)
      const follower = collector(2)
      await addOne(later, follower, 'd')
      assert.deepEqual(wordsOf(follower.taken), ['3:w3', '4:d'])
      assert.deepEqual(wordsOf(await readAll(later)), ['1:w1', '2:w2', '3:w3', '4:d'])
    },
  },
  {
    title: 'a cursor beyond the end of the log is not accepted',
    holdsOn: async storage => {
      const log = await storage.open()
      right(await log.append(0, samples(1, 1))())
      const { seq, at } = log.bookmark()
      for (const asked of [log.holds, log.resume])
        assert.equal(right(await asked({ seq: seq + 1, at: `${at}0` })()), false)
      assert.equal(log.bookmark().seq, 1)
      await addOne(log, collector(), 'b')
    },
  },
  {
    title: 'following returns existing events, then new ones from any log, until it is aborted',
    holdsOn: async storage => {
      const [ours, theirs] = [await storage.open(), await storage.open()]
      right(await ours.append(0, samples(1, 2))())
      const seen: Array<Sample> = []
      const stop = new AbortController()
      const following = (async () => {
        for await (const batch of ours.follow(1, stop.signal)) {
          seen.push(...right(batch))
          if (seen.length === 3) stop.abort()
        }
      })()
      right(await theirs.append(2, samples(3, 3))())
      right(await theirs.append(3, samples(4, 4))())
      await following
      assert.deepEqual(wordsOf(seen), ['2:w2', '3:w3', '4:w4'])
    },
  },
  {
    title: 'a watch resolves for each append since it began, by any log, until it is aborted',
    holdsOn: async storage => {
      const [ours, theirs] = [await storage.open(), await storage.open()]
      right(await ours.append(0, samples(1, 1))())
      const watch = ours.watch()
      const stop = new AbortController()
      try {
        right(await theirs.append(1, samples(2, 2))())
        await watch.next(stop.signal)
        for (const log of [theirs, ours]) {
          const waiting = watch.next(stop.signal)
          const { length } = await readAll(log)
          right(await log.append(length, samples(length + 1, length + 1))())
          await waiting
        }
        const forNothing = watch.next(stop.signal)
        stop.abort()
        await forNothing
        assert.equal((await readAll(ours)).length, 4)
      } finally {
        watch.close()
      }
    },
  },
  ...closingLaws,
]
