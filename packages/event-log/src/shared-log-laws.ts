import assert from 'node:assert/strict'
import * as E from 'fp-ts/lib/Either.js'
import { identity } from 'fp-ts/lib/function.js'
import type { EventLog, HasEvents } from './event-log.ts'
import {
  appendOne,
  collectingFold,
  expectRight,
  formatEvents,
  type Law,
  type LogStorage,
  readAll,
  type SampleEvent,
  sample,
  samples,
  type StorageFaults,
} from './law.ts'

/** The accidents of a storage, which {@link Law.requires} has asked for. */
const getFaults = (storage: LogStorage): StorageFaults => storage as StorageFaults

const failureName = (outcome: E.Either<unknown, unknown>): unknown =>
  E.isLeft(outcome) ? (outcome.left as { readonly failure?: unknown }).failure : 'success'

/** The time in which a log that waits must notice an append, although it may be on another machine. */
const wakeMsMax = 1000

/** True if `promise` resolves within {@link wakeMsMax}. */
const isPrompt = async (promise: Promise<void>): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<boolean>(resolve => (timer = setTimeout(() => resolve(false), wakeMsMax)))
  try {
    return await Promise.race([promise.then(() => true), tooLate])
  } finally {
    clearTimeout(timer)
  }
}

/** A decision of 5 MiB, on 6 lines. */
const longDecision = (first: number): ReadonlyArray<SampleEvent> =>
  samples(first, first + 5).map(({ seq }) => sample(seq, 'x'.repeat(900_000)))

/** The laws of logs whose users are on several machines, of lost answers and of lost events. */
export const sharedLogLaws: ReadonlyArray<Law> = [
  {
    title: 'of two logs that append the same events at the same seq, exactly one succeeds',
    check: async storage => {
      const logs = await Promise.all([storage.open(), storage.open(), storage.open()])
      for (let seq = 1; seq <= 10; seq += 1) {
        const outcomes = await Promise.all(logs.map(log => log.append(seq - 1, [sample(seq, 'twin')])()))
        assert.deepEqual(outcomes.map(failureName).sort(), ['SeqConflict', 'SeqConflict', 'success'])
      }
    },
  },
  {
    title: 'of two logs that make the same decision at the same time, each sees the decision of the other',
    check: async storage => {
      const logs = await Promise.all([storage.open(), storage.open()])
      const claim = (log: EventLog<SampleEvent>): Promise<E.Either<unknown, unknown>> => {
        const fold = collectingFold()
        const decide = (): E.Either<'taken', HasEvents<SampleEvent>> =>
          fold.seq > 0 ? E.left('taken') : E.right({ events: [sample(1, 'claim')] })
        return log.transact(fold, decide, () => fold.seq)()
      }
      const outcomes = await Promise.all(logs.map(claim))
      assert.deepEqual(new Set(outcomes), new Set([E.left('taken'), E.right(1)]))
    },
  },
  {
    title: 'a refusal is never older than the question',
    check: async storage => {
      const [log, other] = [await storage.open(), await storage.open()]
      const fold = collectingFold()
      await appendOne(log, fold, 'a')
      expectRight(await other.append(1, [sample(2, 'b')])())
      assert.deepEqual(await log.transact(fold, () => E.left(fold.seq), identity)(), E.left(2))
    },
  },
  {
    title: 'the lines of a log are returned as they are stored, and have the numbers of its events',
    check: async storage => {
      const log = await storage.open()
      expectRight(await log.append(0, samples(1, 3))())
      expectRight(await (await storage.open()).append(3, samples(4, 4))())
      const lines: Array<string> = []
      assert.equal(expectRight(await log.readLines(1, batch => lines.push(...batch))()), 4)
      assert.deepEqual(
        lines.map(line => (JSON.parse(line) as SampleEvent).seq),
        [2, 3, 4],
      )
      assert.deepEqual(await (await storage.open()).readLines(4, () => assert.fail('there is no line'))(), E.right(4))
    },
  },
  {
    title: 'a decision of 5 MiB is appended, and read by another log, as a whole',
    check: async storage => {
      const log = await storage.open()
      expectRight(await log.append(0, longDecision(1))())
      const batches: Array<number> = []
      expectRight(await (await storage.open()).read(0, events => batches.push(events.length))())
      assert.deepEqual(batches, [6])
      const fold = collectingFold()
      expectRight(await log.transact(fold, () => E.right({ events: longDecision(fold.seq + 1) }), identity)())
      assert.equal((await readAll(await storage.open())).length, 12)
    },
  },
  {
    title: 'a watch resolves within a second of an append by another log',
    check: async storage => {
      const [log, other] = [await storage.open(), await storage.open()]
      const watch = log.watch()
      const { signal } = new AbortController()
      try {
        let promptCount = 0
        for (let seq = 1; seq <= 8; seq += 1) {
          const woken = watch.next(signal)
          expectRight(await other.append(seq - 1, [sample(seq)])())
          if (await isPrompt(woken)) promptCount += 1
          await woken
        }
        // A machine that stands still for a moment breaks no promise; a poll of 5 s would be late most of the time.
        assert.ok(promptCount >= 6, `only ${promptCount} of 8 appends were noticed within ${wakeMsMax} ms`)
      } finally {
        watch.close()
      }
    },
  },
  {
    title: 'a log that lost events which a reader had read says so to that reader, and to a writer',
    requires: ['loseTail'],
    check: async storage => {
      const [reader, writer, writerOfDecisions] = [await storage.open(), await storage.open(), await storage.open()]
      expectRight(await writer.append(0, samples(1, 4))())
      expectRight(await writer.append(4, samples(5, 6))())
      const fold = collectingFold()
      await appendOne(writerOfDecisions, fold, 'seventh')
      assert.equal((await readAll(reader)).length, 7)
      assert.equal((await readAll(writer)).length, 7)
      await getFaults(storage).loseTail(4)
      assert.equal(failureName(await reader.read(7, () => undefined)()), 'HistoryChanged')
      assert.equal(failureName(await writer.append(7, samples(8, 8))()), 'HistoryChanged')
      assert.equal(failureName((await appendOne(writerOfDecisions, fold, 'x')) as never), 'HistoryChanged')
      assert.deepEqual(formatEvents(await readAll(await storage.open())), formatEvents(samples(1, 4)))
    },
  },
  {
    title: 'an append whose answer is lost is in the log once, and is answered',
    requires: ['loseNextAnswer', 'openLossy'],
    check: async storage => {
      const { loseNextAnswer, openLossy } = getFaults(storage)
      const log = await openLossy()
      expectRight(await log.append(0, samples(1, 1))())
      loseNextAnswer(async () => undefined)
      expectRight(await log.append(1, samples(2, 2))())
      assert.deepEqual(formatEvents(await readAll(await storage.open())), ['1:w1', '2:w2'])
    },
  },
  {
    title: 'a decision whose answer is lost is answered with its own events as the last ones, whatever follows them',
    requires: ['loseNextAnswer', 'openLossy'],
    check: async storage => {
      const { loseNextAnswer, openLossy } = getFaults(storage)
      const [log, other] = [await openLossy(), await storage.open()]
      const fold = collectingFold()
      await appendOne(log, fold, 'a')
      loseNextAnswer(async () => void expectRight(await other.append(2, samples(3, 4))()))
      const decision = { events: [sample(2, 'b')] }
      const applied = await log.transact(
        fold,
        () => (fold.seq === 1 ? E.right(decision) : E.left('decided again')),
        () => formatEvents(fold.applied),
      )()
      assert.deepEqual(applied, E.right(['1:a', '2:b']))
      await appendOne(log, fold, 'c')
      assert.deepEqual(formatEvents(fold.applied), ['1:a', '2:b', '3:w3', '4:w4', '5:c'])
    },
  },
  {
    title: 'logs on machines with different clocks have one time, or leave it to their machine',
    requires: ['openWithClock'],
    check: async storage => {
      const { openWithClock } = getFaults(storage)
      const logs = await Promise.all([-20, 0, 20].map(minutes => openWithClock(minutes * 60_000)))
      await Promise.all(logs.map(log => readAll(log)))
      const times = logs.map(log => log.now() ?? assert.fail('a log that machines share has a clock of its own'))
      assert.ok(Math.max(...times) - Math.min(...times) < 10_000, `the times are ${times.join(', ')}`)
    },
  },
]
