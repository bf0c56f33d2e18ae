import assert from 'node:assert/strict'
import * as E from 'fp-ts/lib/Either.js'
import { identity } from 'fp-ts/lib/function.js'
import { closingLaws } from './close-laws.ts'
import { sharedLogLaws } from './shared-log-laws.ts'
import type { HasEvents, EventLog, Fold } from './event-log.ts'
import {
  appendOne,
  readOffsets,
  collectingFold,
  type Law,
  readAll,
  expectRight,
  type SampleEvent,
  sample,
  samples,
  formatEvents,
} from './law.ts'

export type { Law, SampleEvent, LogStorage, StorageFaults } from './law.ts'
export { isApplicable } from './law.ts'

/** The laws that every event log keeps. Run each of them on a new storage. */
export const eventLogLaws: ReadonlyArray<Law> = [
  {
    title: 'the last seq of an empty log is 0',
    check: async storage => {
      assert.deepEqual(await readAll(await storage.open()), [])
    },
  },
  {
    title: 'events are read in the order in which they were appended, also through another log',
    check: async storage => {
      const log = await storage.open()
      expectRight(await log.append(0, samples(1, 2))())
      expectRight(await log.append(2, samples(3, 3))())
      assert.deepEqual(formatEvents(await readAll(log)), ['1:w1', '2:w2', '3:w3'])
      assert.deepEqual(formatEvents(await readAll(await storage.open())), ['1:w1', '2:w2', '3:w3'])
    },
  },
  {
    title: 'reading stops after the batch that is enough, and continues from there',
    check: async storage => {
      const log = await storage.open()
      expectRight(await log.append(0, samples(1, 5000))())
      const reader = await storage.open()
      const eventsRead: Array<SampleEvent> = []
      const onEvents = (batch: ReadonlyArray<SampleEvent>): unknown => eventsRead.push(...batch)
      const end = expectRight(await reader.read(0, onEvents, () => eventsRead.length > 0)())
      assert.equal(end, eventsRead.length)
      assert.equal(reader.cursor().seq, end)
      expectRight(await reader.read(end, onEvents)())
      assert.deepEqual(formatEvents(eventsRead), formatEvents(samples(1, 5000)))
    },
  },
  {
    title: 'reading after a seq returns the events after it and nothing else',
    check: async storage => {
      const log = await storage.open()
      expectRight(await log.append(0, samples(1, 5))())
      assert.deepEqual(formatEvents(await readAll(log, 3)), ['4:w4', '5:w5'])
      assert.deepEqual(await readAll(log, 5), [])
    },
  },
  {
    title: 'an append with a stale expected seq is refused and writes nothing',
    check: async storage => {
      const [firstLog, secondLog] = [await storage.open(), await storage.open()]
      expectRight(await firstLog.append(0, samples(1, 1))())
      expectRight(await secondLog.append(1, samples(2, 2))())
      const staleAppend = await firstLog.append(1, [sample(2, 'late')])()
      assert.deepEqual(staleAppend, E.left({ failure: 'SeqConflict', expectedSeq: 1, actualSeq: 2 }))
      assert.deepEqual(formatEvents(await readAll(firstLog)), ['1:w1', '2:w2'])
    },
  },
  {
    title: 'a gap in the numbers of events is a defect, found before anything is written',
    check: async storage => {
      const log = await storage.open()
      await assert.rejects(() => log.append(0, [sample(1), sample(3)])(), RangeError)
      assert.deepEqual(await readAll(log), [])
      expectRight(await log.append(0, samples(1, 1))())
    },
  },
  {
    title: 'a transaction decides on every event in the log, and its fold has applied its own events too',
    check: async storage => {
      const [firstLog, secondLog] = [await storage.open(), await storage.open()]
      const fold = collectingFold()
      await appendOne(firstLog, fold, 'a')
      expectRight(await secondLog.append(1, [sample(2, 'b')])())
      await appendOne(firstLog, fold, 'c')
      assert.deepEqual(formatEvents(fold.applied), ['1:a', '2:b', '3:c'])
      assert.deepEqual(formatEvents(await readAll(secondLog)), ['1:a', '2:b', '3:c'])
    },
  },
  {
    title: 'a fold that starts late catches up from its own seq',
    check: async storage => {
      const log = await storage.open()
      await appendOne(log, collectingFold(), 'a')
      const lateFold = collectingFold()
      await appendOne(log, lateFold, 'b')
      assert.deepEqual(formatEvents(lateFold.applied), ['1:a', '2:b'])
    },
  },
  {
    title: 'a refusal appends nothing and is returned unchanged',
    check: async storage => {
      const log = await storage.open()
      assert.deepEqual(await log.transact(collectingFold(), () => E.left('no'), identity)(), E.left('no'))
      assert.deepEqual(await readAll(log), [])
    },
  },
  {
    title: 'a decision without events returns a result and appends nothing',
    check: async storage => {
      const log = await storage.open()
      const result = await log.transact(collectingFold(), () => E.right({ events: [], answer: 42 }), identity)()
      assert.deepEqual(result, E.right({ events: [], answer: 42 }))
      assert.deepEqual(await readAll(log), [])
    },
  },
  {
    title: "a result is computed when the decision's own events are the last applied, even in a group commit",
    check: async storage => {
      const log = await storage.open()
      const fold = collectingFold()
      const lastApplied = (): string => formatEvents(fold.applied.slice(-1)).join()
      const transactWord = (word: string): Promise<unknown> =>
        log.transact(
          fold,
          () => E.right({ events: samples(fold.seq + 1, fold.seq + 2).map(event => ({ ...event, word })) }),
          ({ events }) => ({ own: formatEvents(events).at(-1), lastApplied: lastApplied() }),
        )()
      const results = await Promise.all(Array.from({ length: 20 }, (_, i) => transactWord(`call ${i}`)))
      const expected = results.map((_, i) => `${2 * (i + 1)}:call ${i}`)
      assert.deepEqual(
        results,
        expected.map(last => E.right({ own: last, lastApplied: last })),
      )
    },
  },
  {
    title: 'the result of a decision without events is computed from the current state',
    check: async storage => {
      const [firstLog, secondLog] = [await storage.open(), await storage.open()]
      expectRight(await secondLog.append(0, samples(1, 3))())
      const fold = collectingFold()
      const decideNothing = (): E.Either<never, HasEvents<SampleEvent>> => E.right({ events: [] })
      const eventsSeen = await firstLog.transact(fold, decideNothing, () => formatEvents(fold.applied))()
      assert.deepEqual(eventsSeen, E.right(['1:w1', '2:w2', '3:w3']))
    },
  },
  {
    title: 'no result is computed for a decision that is refused or that cannot be appended',
    check: async storage => {
      const log = await storage.open()
      const failIfCalled = (): never => assert.fail('a result was computed')
      assert.deepEqual(await log.transact(collectingFold(), () => E.left('no'), failIfCalled)(), E.left('no'))
      const decideWithGap = (): E.Either<never, HasEvents<SampleEvent>> => E.right({ events: samples(5, 5) })
      await assert.rejects(() => log.transact(collectingFold(), decideWithGap, failIfCalled)(), RangeError)
    },
  },
  {
    title: 'a decision that throws leaves the log usable and unchanged',
    check: async storage => {
      const log = await storage.open()
      const throwingDecide = (): never => {
        throw new Error('a defect in a decision')
      }
      await assert.rejects(
        () => log.transact(collectingFold(), throwingDecide, () => undefined)(),
        /a defect in a decision/,
      )
      await appendOne(await storage.open(), collectingFold(), 'a')
      await appendOne(log, collectingFold(), 'b')
      assert.deepEqual(formatEvents(await readAll(log)), ['1:a', '2:b'])
    },
  },
  {
    title: 'a decision of many events is appended as a whole',
    check: async storage => {
      const log = await storage.open()
      expectRight(await log.append(0, samples(1, 1000))())
      assert.equal((await readAll(await storage.open())).length, 1000)
    },
  },
  {
    title: 'concurrent transactions through several logs each append their own event',
    check: async storage => {
      const logs = await Promise.all([storage.open(), storage.open(), storage.open()])
      const folds = logs.map(() => collectingFold())
      const writers = Array.from({ length: 60 }, (_, i) => i)
      await Promise.all(
        writers.map(i => {
          const logIndex = i % logs.length
          return appendOne(logs[logIndex] as EventLog<SampleEvent>, folds[logIndex] as Fold<SampleEvent>, `writer ${i}`)
        }),
      )
      const events = await readAll(await storage.open())
      assert.deepEqual(new Set(events.map(event => event.word)), new Set(writers.map(i => `writer ${i}`)))
    },
  },
  {
    title: 'each event has an offset at which it can be read again',
    check: async storage => {
      const log = await storage.open()
      expectRight(await log.append(0, samples(1, 3))())
      expectRight(await log.append(3, samples(4, 4))())
      const offsets = await readOffsets(log)
      assert.equal(offsets.length, 4)
      assert.deepEqual(
        offsets,
        [...offsets].sort((a, b) => a - b),
      )
      const [first = 0, , , last = 0] = offsets
      const fetchedEvents = expectRight(await (await storage.open()).readByOffset([last, first])())
      assert.deepEqual(formatEvents(fetchedEvents ?? []), ['4:w4', '1:w1'])
      assert.deepEqual(expectRight(await log.readByOffset([])()), [])
    },
  },
  {
    title: 'an offset at which no event starts reads as undefined',
    check: async storage => {
      const log = await storage.open()
      expectRight(await log.append(0, samples(1, 2))())
      const [, last = 0] = await readOffsets(log)
      assert.equal(expectRight(await log.readByOffset([last, last + 1])()), undefined)
      assert.equal(expectRight(await log.readByOffset([last + 100_000])()), undefined)
    },
  },
  {
    title: 'a transaction also passes the offsets of the events that it appended',
    check: async storage => {
      const log = await storage.open()
      const offsets: Array<number> = []
      const fold = collectingFold()
      const offsetRecorder: Fold<SampleEvent> = {
        get seq() {
          return fold.seq
        },
        apply: (events, batchOffsets) => {
          fold.apply(events, batchOffsets)
          offsets.push(...batchOffsets)
        },
      }
      await appendOne(log, offsetRecorder, 'a')
      await appendOne(log, offsetRecorder, 'b')
      assert.deepEqual(offsets, await readOffsets(await storage.open()))
    },
  },
  {
    title: 'reads and transactions continue from a cursor',
    check: async storage => {
      const log = await storage.open()
      expectRight(await log.append(0, samples(1, 2))())
      const cursor = log.cursor()
      assert.equal(cursor.seq, 2)
      expectRight(await log.append(2, samples(3, 3))())
      const later = await storage.open()
      assert.equal(expectRight(await later.contains(cursor)()), true)
      assert.equal(expectRight(await later.resume(cursor)()), true)
      assert.deepEqual(later.cursor(), cursor)
      const fold = collectingFold(2)
      await appendOne(later, fold, 'd')
      assert.deepEqual(formatEvents(fold.applied), ['3:w3', '4:d'])
      assert.deepEqual(formatEvents(await readAll(later)), ['1:w1', '2:w2', '3:w3', '4:d'])
    },
  },
  {
    title: 'a cursor beyond the end of the log is not accepted',
    check: async storage => {
      const log = await storage.open()
      expectRight(await log.append(0, samples(1, 1))())
      const { seq, location } = log.cursor()
      for (const method of [log.contains, log.resume])
        assert.equal(expectRight(await method({ seq: seq + 1, location: `${location}0` })()), false)
      assert.equal(log.cursor().seq, 1)
      await appendOne(log, collectingFold(), 'b')
    },
  },
  {
    title: 'following returns existing events, then new ones from any log, until it is aborted',
    check: async storage => {
      const [firstLog, secondLog] = [await storage.open(), await storage.open()]
      expectRight(await firstLog.append(0, samples(1, 2))())
      const eventsSeen: Array<SampleEvent> = []
      const stop = new AbortController()
      const followDone = (async () => {
        for await (const batch of firstLog.follow(1, stop.signal)) {
          eventsSeen.push(...expectRight(batch))
          if (eventsSeen.length === 3) stop.abort()
        }
      })()
      expectRight(await secondLog.append(2, samples(3, 3))())
      expectRight(await secondLog.append(3, samples(4, 4))())
      await followDone
      assert.deepEqual(formatEvents(eventsSeen), ['2:w2', '3:w3', '4:w4'])
    },
  },
  {
    title: 'a watch resolves for each append since it began, by any log, until it is aborted',
    check: async storage => {
      const [firstLog, secondLog] = [await storage.open(), await storage.open()]
      expectRight(await firstLog.append(0, samples(1, 1))())
      const watch = firstLog.watch()
      const stop = new AbortController()
      try {
        expectRight(await secondLog.append(1, samples(2, 2))())
        await watch.next(stop.signal)
        for (const log of [secondLog, firstLog]) {
          const nextAppend = watch.next(stop.signal)
          const { length } = await readAll(log)
          expectRight(await log.append(length, samples(length + 1, length + 1))())
          await nextAppend
        }
        const abortedWait = watch.next(stop.signal)
        stop.abort()
        await abortedWait
        assert.equal((await readAll(firstLog)).length, 4)
      } finally {
        watch.close()
      }
    },
  },
  ...sharedLogLaws,
  ...closingLaws,
]
