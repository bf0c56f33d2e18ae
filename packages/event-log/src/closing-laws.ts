import assert from 'node:assert/strict'
import * as E from 'fp-ts/lib/Either.js'
import { identity } from 'fp-ts/lib/function.js'
import type { EventLog } from './event-log.ts'
import {
  addOne,
  collector,
  type Law,
  readAll,
  right,
  type Sample,
  sample,
  samples,
  type Storage,
  wordsOf,
} from './law.ts'

const closed = E.left({ failure: 'Closed' })

/** Every call of a log. */
const callsOf = (log: EventLog<Sample>): ReadonlyArray<() => Promise<unknown>> => [
  log.readAfter(0, () => undefined),
  log.resume({ seq: 1, at: '' }),
  log.holds({ seq: 1, at: '' }),
  log.fetch([]),
  log.append(1, samples(2, 2)),
  log.transact(collector(1), () => E.right({ events: samples(2, 2) }), identity),
  log.transact(collector(), () => E.right({ events: [] }), identity),
]

const followed = async (log: EventLog<Sample>): Promise<ReadonlyArray<unknown>> => {
  const items: Array<unknown> = []
  for await (const item of log.follow(0, new AbortController().signal)) items.push(item)
  return items
}

/**
 * Closes the log once the reader that follows it has the first batch: while it processes that batch, or `afterwards`.
 */
const closedWhileFollowed = async (storage: Storage, afterwards: boolean): Promise<ReadonlyArray<unknown>> => {
  const log = await storage.open()
  right(await log.append(0, samples(1, 1))())
  const items: Array<unknown> = []
  for await (const item of log.follow(0, new AbortController().signal)) {
    items.push(item)
    if (afterwards) setImmediate(() => void log.close())
    else await log.close()
  }
  return items
}

/** The laws of closing that every event log keeps. */
export const closingLaws: ReadonlyArray<Law> = [
  {
    title: 'a closed log answers every call with `Closed` and writes nothing',
    holdsOn: async storage => {
      const log = await storage.open()
      right(await log.append(0, samples(1, 1))())
      await log.close()
      for (const call of callsOf(log)) assert.deepEqual(await call(), closed)
      assert.deepEqual(await followed(log), [closed])
      assert.deepEqual(wordsOf(await readAll(await storage.open())), ['1:w1'])
    },
  },
  {
    title: 'calls that begin while a log is being closed are too late',
    holdsOn: async storage => {
      const log = await storage.open()
      const closing = log.close()
      assert.deepEqual(await log.append(0, samples(1, 1))(), closed)
      await closing
    },
  },
  {
    title: 'closing waits for calls in flight: every success is in the log, and no refused call is',
    holdsOn: async storage => {
      const log = await storage.open()
      const follower = collector()
      let open = 20
      const words = Array.from({ length: open }, (_, i) => `call ${i}`)
      const answers = words.map(async word => {
        const answer = (await addOne(log, follower, word)) as E.Either<unknown, unknown>
        open -= 1
        return E.isRight(answer) ? [word] : (assert.deepEqual(answer, closed), [])
      })
      await log.close()
      assert.equal(open, 0)
      const answered = (await Promise.all(answers)).flat()
      const events = await readAll(await storage.open())
      assert.deepEqual(
        events.map(({ word }) => word),
        answered,
      )
    },
  },
  {
    title: 'closing twice closes once, and other logs on the same storage keep working',
    holdsOn: async storage => {
      const [log, other] = [await storage.open(), await storage.open()]
      await Promise.all([log.close(), log.close()])
      await log.close()
      right(await other.append(0, [sample(1)])())
    },
  },
  {
    title: 'a reader that follows a log ends when the log is closed',
    holdsOn: async storage => {
      const first = E.right(samples(1, 1))
      assert.deepEqual(await closedWhileFollowed(storage, true), [first])
    },
  },
  {
    title: 'a reader that follows a log can close it while it processes a batch',
    holdsOn: async storage => {
      assert.deepEqual(await closedWhileFollowed(storage, false), [E.right(samples(1, 1))])
    },
  },
  {
    title: 'a watch resolves when it or its log is closed, and immediately from then on',
    holdsOn: async storage => {
      const log = await storage.open()
      const { signal } = new AbortController()
      const [ended, watch] = [log.watch(), log.watch()]
      const waiting = [ended.next(signal), watch.next(signal)]
      ended.close()
      await waiting[0]
      await log.close()
      await waiting[1]
      await watch.next(signal)
      await log.watch().next(signal)
    },
  },
]
