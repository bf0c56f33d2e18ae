import assert from 'node:assert/strict'
import * as E from 'fp-ts/lib/Either.js'
import { identity } from 'fp-ts/lib/function.js'
import type { EventLog } from './event-log.ts'
import {
  appendOne,
  collectingFold,
  type Law,
  readAll,
  expectRight,
  type SampleEvent,
  sample,
  samples,
  type LogStorage,
  formatEvents,
} from './law.ts'

const closed = E.left({ failure: 'Closed' })

/** Every call of a log. */
const listCalls = (log: EventLog<SampleEvent>): ReadonlyArray<() => Promise<unknown>> => [
  log.read(0, () => undefined),
  log.readLines(0, () => undefined),
  log.resume({ seq: 1, location: '' }),
  log.contains({ seq: 1, location: '' }),
  log.readByOffset([]),
  log.append(1, samples(2, 2)),
  log.transact(collectingFold(1), () => E.right({ events: samples(2, 2) }), identity),
  log.transact(collectingFold(), () => E.right({ events: [] }), identity),
]

const followToEnd = async (log: EventLog<SampleEvent>): Promise<ReadonlyArray<unknown>> => {
  const items: Array<unknown> = []
  for await (const item of log.follow(0, new AbortController().signal)) items.push(item)
  return items
}

/**
 * Closes the log once the reader that follows it has the first batch: while it processes that batch, or `afterBatch`.
 */
const closeDuringFollow = async (storage: LogStorage, afterBatch: boolean): Promise<ReadonlyArray<unknown>> => {
  const log = await storage.open()
  expectRight(await log.append(0, samples(1, 1))())
  const items: Array<unknown> = []
  for await (const item of log.follow(0, new AbortController().signal)) {
    items.push(item)
    if (afterBatch) setImmediate(() => void log.close())
    else await log.close()
  }
  return items
}

/** The laws of closing that every event log keeps. */
export const closingLaws: ReadonlyArray<Law> = [
  {
    title: 'a closed log answers every call with `Closed` and writes nothing',
    check: async storage => {
      const log = await storage.open()
      expectRight(await log.append(0, samples(1, 1))())
      await log.close()
      for (const call of listCalls(log)) assert.deepEqual(await call(), closed)
      assert.deepEqual(await followToEnd(log), [closed])
      assert.deepEqual(formatEvents(await readAll(await storage.open())), ['1:w1'])
    },
  },
  {
    title: 'calls that begin while a log is being closed are too late',
    check: async storage => {
      const log = await storage.open()
      const closePromise = log.close()
      assert.deepEqual(await log.append(0, samples(1, 1))(), closed)
      await closePromise
    },
  },
  {
    title: 'closing waits for calls in flight: every success is in the log, and no refused call is',
    check: async storage => {
      const log = await storage.open()
      const fold = collectingFold()
      let pendingCount = 20
      const words = Array.from({ length: pendingCount }, (_, i) => `call ${i}`)
      const results = words.map(async word => {
        const result = (await appendOne(log, fold, word)) as E.Either<unknown, unknown>
        pendingCount -= 1
        return E.isRight(result) ? [word] : (assert.deepEqual(result, closed), [])
      })
      await log.close()
      assert.equal(pendingCount, 0)
      const appendedWords = (await Promise.all(results)).flat()
      const events = await readAll(await storage.open())
      assert.deepEqual(
        events.map(({ word }) => word),
        appendedWords,
      )
    },
  },
  {
    title: 'closing twice closes once, and other logs on the same storage keep working',
    check: async storage => {
      const [log, other] = [await storage.open(), await storage.open()]
      await Promise.all([log.close(), log.close()])
      await log.close()
      expectRight(await other.append(0, [sample(1)])())
    },
  },
  {
    title: 'a reader that follows a log ends when the log is closed',
    check: async storage => {
      const first = E.right(samples(1, 1))
      assert.deepEqual(await closeDuringFollow(storage, true), [first])
    },
  },
  {
    title: 'a reader that follows a log can close it while it processes a batch',
    check: async storage => {
      assert.deepEqual(await closeDuringFollow(storage, false), [E.right(samples(1, 1))])
    },
  },
  {
    title: 'a watch resolves when it or its log is closed, and immediately from then on',
    check: async storage => {
      const log = await storage.open()
      const { signal } = new AbortController()
      const [closedWatch, watch] = [log.watch(), log.watch()]
      const waits = [closedWatch.next(signal), watch.next(signal)]
      closedWatch.close()
      await waits[0]
      await log.close()
      await waits[1]
      await watch.next(signal)
      await log.watch().next(signal)
    },
  },
]
