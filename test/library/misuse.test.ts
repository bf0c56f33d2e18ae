import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { ClaimlogError, FailTask, init, open, type Queue } from '@claimlog/client'
import * as byTaskEither from '@claimlog/client/fp-ts'
import { importFile } from '@claimlog/client/import'
import { seededRandom } from '../programs/seeded-random.mjs'
import type { Random } from '../support/random.ts'
import { wrongCalls } from './wrong-calls.mjs'

const scratch = mkdtempSync(join(tmpdir(), 'claimlog-misuse-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

let queueCount = 0
const newQueue = async (): Promise<Queue> => {
  queueCount += 1
  const queue = await init({ dir: join(scratch, `queue-${queueCount}`), durability: 'os' })
  await queue.addMany(['a', 'b', 'c'].map(taskId => ({ kind: 'docs', taskId })))
  return queue
}

type Untyped = Readonly<Record<string, (...args: ReadonlyArray<unknown>) => unknown>>

/** The functions and methods of the library without their types; `follow` returns its first event. */
const untypedMethods = (queue: Queue): Untyped => ({
  ...(queue as unknown as Untyped),
  ...({ init, open } as unknown as Untyped),
  follow: (...args) =>
    (queue as unknown as { follow: (...args: ReadonlyArray<unknown>) => AsyncIterable<unknown> })
      .follow(...args)
      [Symbol.asyncIterator]()
      .next(),
})

const call = (methods: Untyped, name: string, args: ReadonlyArray<unknown>): Promise<unknown> => {
  const method = methods[name]
  if (method === undefined) throw new Error(`there is no ${name}`)
  // It must not throw: a caller that only handles rejections would crash.
  const result = method(...args)
  expect(result).toBeInstanceOf(Promise)
  return result as Promise<unknown>
}

const catchError = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'it was accepted',
    (thrown: unknown) => thrown,
  )

const describeCall = (name: string, args: ReadonlyArray<unknown>): string =>
  `${name}(${args.map(arg => (typeof arg === 'function' ? 'handler' : JSON.stringify(arg))).join(', ')})`

describe('a wrong call', () => {
  it('is refused by name, in both styles, and writes nothing', async () => {
    const queue = await newQueue()
    onTestFinished(queue.close)
    const opened = await byTaskEither.open({ dir: queue.dir })()
    if (E.isLeft(opened)) throw new Error('it could not be opened')
    onTestFinished(opened.right.close)
    const taskEithers = { ...opened.right, ...byTaskEither } as unknown as Untyped
    const readLog = (): string => readFileSync(join(queue.dir ?? '', 'events.jsonl'), 'utf8')
    const before = readLog()

    expect(wrongCalls.length).toBeGreaterThanOrEqual(50)
    for (const [method, args, argument, nearest] of wrongCalls) {
      const thrown = await catchError(call(untypedMethods(queue), method, args))
      const title = describeCall(method, args)
      expect(thrown, title).toMatchObject({ name: 'ClaimlogError', error: 'usage' })
      const { message, hint, data } = thrown as ClaimlogError
      expect({ title, ...data }).toEqual({ title, method, argument, nearest })
      expect(message, title).toContain(method)
      if (nearest !== undefined) expect(message, title).toContain(`did you mean \`${nearest}\`?`)
      expect(hint, title).toMatch(new RegExp(`^nothing was changed; the call is (?:queue\\.)?${method}\\(.*\\)$`))

      if (method === 'follow') continue
      const taskEither = taskEithers[method]?.(...args) as () => Promise<E.Either<unknown, unknown>>
      expect(await taskEither(), title).toMatchObject(
        E.left({ failure: 'WrongUsage', method, argument, ...(nearest === undefined ? {} : { nearest }) }),
      )
    }
    expect(readLog()).toBe(before)
  })

  it('of follow with task-eithers yields the failure, and ends', async () => {
    const queue = await newQueue()
    onTestFinished(queue.close)
    const opened = await byTaskEither.open({ dir: queue.dir })()
    if (E.isLeft(opened)) throw new Error('it could not be opened')
    onTestFinished(opened.right.close)
    const events: Array<unknown> = []
    for await (const event of opened.right.follow({ after: NaN })) events.push(event)
    expect(events).toMatchObject([E.left({ failure: 'WrongUsage', argument: 'after' })])
  })

  it('of importFile and FailTask is refused as well, before a file is read', async () => {
    const queue = await newQueue()
    onTestFinished(queue.close)
    const untyped = importFile as (...args: ReadonlyArray<unknown>) => Promise<unknown>
    const explain = async (...args: ReadonlyArray<unknown>): Promise<string> => {
      const thrown = await catchError(untyped(...args))
      expect(thrown).toMatchObject({ name: 'ClaimlogError', error: 'usage', data: { method: 'importFile' } })
      return (thrown as ClaimlogError).message
    }
    expect([
      await explain(queue, 'none.json', { dry_run: true }),
      await explain(queue, 'none.json', { from: 'task-mister' }),
      await explain(queue, new URL('file:///none.json')),
      await explain(queue, 'none.json', null),
      await explain('none.json', queue),
      await explain(),
    ]).toEqual([
      'importFile has no option `dry_run`; did you mean `dryRun`?',
      'importFile: `from` must be one of queue, task-graph, ndjson, beads, task-master, github, markdown, not "task-mister"; did you mean `task-master`?',
      'importFile: `path` must be a string, not a URL',
      'importFile: `options` must be an object, not null',
      'importFile: `queue` must be a queue that open or init returned, not a string',
      'importFile requires `queue`, a queue that open or init returned',
    ])
    const UntypedFailTask = FailTask as unknown as new (...args: ReadonlyArray<unknown>) => Error
    expect(() => new UntypedFailTask('later', { retryMs: 5 })).toThrow(
      'FailTask has no option `retryMs`; did you mean `retryInMs`?',
    )
    expect(() => new UntypedFailTask('later', null)).toThrow('FailTask: `options` must be an object, not null')
    expect(new UntypedFailTask('later', { retryInMs: 5, cause: 'x' })).toMatchObject({ retryInMs: 5, cause: 'x' })
  })

  it('is explained with the allowed values', async () => {
    const methods = untypedMethods(await newQueue())
    const explain = async (name: string, ...args: ReadonlyArray<unknown>): Promise<string> =>
      ((await catchError(call(methods, name, args))) as ClaimlogError).message
    expect([
      await explain('claim', { worker: 'ann', kind: 'docs' }),
      await explain('claim', { worker: 'ann', kinds: 'docs' }),
      await explain('claim', { kinds: ['docs'] }),
      await explain('worker', 'docs', () => null, { until: 'drain' }),
      await explain('claim', { worker: 'ann', leaseMs: 1.5 }),
      await explain('add', new Date(0)),
      await explain('status', {}, {}),
      await explain('show', {
        toString: () => {
          throw new Error('it has no text')
        },
      }),
      await explain('status', {
        get at() {
          throw new Error('no point in time')
        },
      }),
    ]).toEqual([
      'claim has no option `kind`; did you mean `kinds`?',
      'claim: `kinds` must be an array of strings, not a string',
      'claim requires `worker`, a string',
      'worker: `until` must be one of stopped, drained, idle, told, empty, unready, not "drain"; did you mean `drained`?',
      'claim: `leaseMs` must be a whole number of milliseconds, or null, not 1.5',
      'add: `task` must be an object, not a Date',
      'status has 1 argument, not 2',
      'show: `taskId` must be a string, not an object',
      'status: the arguments could not be read: no point in time',
    ])
    await (methods['close'] as () => Promise<void>)()
  })
})

describe('values that the rules refuse', () => {
  it('stay bad input', async () => {
    const queue = await newQueue()
    onTestFinished(queue.close)
    const codes = [
      queue.add({ kind: 'two words' }),
      queue.add({ kind: 'docs', priority: 11 }),
      queue.add({ kind: 'docs', notBefore: 'tomorrow' }),
      queue.claim({ worker: 'ann smith' }),
      queue.claimMany({ worker: 'ann', count: 0 }),
      queue.status({ at: { seq: 1000 } }),
    ].map(async promise => ((await catchError(promise)) as ClaimlogError).error)
    expect(await Promise.all(codes)).toEqual(Array(codes.length).fill('bad_input'))
  })

  it('are named as in code, also in a batch and inside an object', async () => {
    const queue = await newQueue()
    onTestFinished(queue.close)
    const explain = async (promise: Promise<unknown>): Promise<string> =>
      ((await catchError(promise)) as ClaimlogError).message
    const attemptsRule = 'must be a whole number from 1 to 1000000'
    expect([
      await explain(queue.add({ kind: 'docs', maxAttempts: 0 })),
      await explain(queue.addMany([{ kind: 'docs' }, { kind: 'docs', maxAttempts: 0 }])),
      await explain(queue.amend('a', { maxAttempts: 0 })),
      await explain(queue.add({ kind: 'docs', backoff: { firstMs: 1, maxMs: 1e15 } })),
      await explain(queue.claim({ worker: 'ann', leaseMs: 0 })),
      await explain(init({ dir: join(scratch, 'none'), maxAttempts: 0 })),
    ]).toEqual([
      `maxAttempts ${attemptsRule}`,
      `task 2: maxAttempts ${attemptsRule}`,
      `maxAttempts ${attemptsRule}`,
      'backoff.maxMs must be a whole number from 1 to 3155760000000',
      'leaseMs must be a whole number from 1 to 3155760000000',
      `maxAttempts ${attemptsRule}`,
    ])
    expect(await catchError(queue.add({ kind: 'docs', taskId: 'a', maxAttempts: 2, leaseMs: 5 }))).toMatchObject({
      error: 'task_exists',
      message: 'task a already exists, with a different maxAttempts, leaseMs',
      data: { taskId: 'a', fields: ['maxAttempts', 'leaseMs'] },
    })
  })
})

const seed = Number(process.env['CLAIMLOG_SEED'] ?? Date.now() % 1_000_000)

const methodNames =
  `add addMany claim claimMany complete fail release renew hold unhold cancel retry amend note pause resume limit list
  show status why trace diff waitFor waitUntilEmpty follow worker open init`.split(/\s+/)

const optionNames =
  `worker kinds kind taskId token result error reason claimNext leaseMs wait count signal requestId by at status payload
  needs priority notBefore maxAttempts backoff key tags title until slots stop onEvent after firstMs seq time`.split(
    /\s+/,
  )

const values: ReadonlyArray<(random: Random) => unknown> = [
  () => undefined,
  () => null,
  () => NaN,
  () => -1,
  random => random.between(0, 5) / 2,
  random => random.oneOf(['a', 'b', 'docs', 'ann', '', 'two words', '\0', 'drained']),
  () => true,
  () => 5n,
  () => Symbol('a'),
  () => () => null,
  () => new Date(NaN),
  () => new Map([['worker', 'ann']]),
  () => AbortSignal.abort('enough'),
  () => ({ __proto__: null }),
  (): unknown => new Proxy({}, { get: () => 0, ownKeys: () => ['worker'] }),
  () => Promise.resolve('a'),
  random => [randomValue(random)],
  random => randomObject(random),
  random => randomObject(random),
]

const randomValue = (random: Random): unknown => random.oneOf(values)?.(random)

const randomObject = (random: Random): Record<string, unknown> =>
  Object.fromEntries(
    Array.from({ length: random.between(0, 4) }, () => [random.oneOf(optionNames) ?? '', randomValue(random)] as const),
  )

/** Arguments of which some are often right, so that the later ones are reached. */
const randomArguments = (random: Random, name: string): ReadonlyArray<unknown> => {
  if (name === 'open' || name === 'init') {
    queueCount += 1
    const dir = join(scratch, `random-${queueCount}`)
    return [random.chance(80) ? { ...randomObject(random), dir } : (randomValue(random) ?? 0)]
  }
  const first = random.chance(50) ? { worker: 'ann', taskId: 'a', kind: 'docs', ...randomObject(random) } : 'docs'
  return Array.from({ length: random.between(0, 4) }, (_, i) =>
    i === 0 && random.chance(60) ? first : randomValue(random),
  )
}

describe('random arguments', () => {
  it(`are accepted, or refused by a ClaimlogError (seed ${seed})`, async () => {
    const random = seededRandom(seed)
    const codes = new Map<string, number>()
    for (let round = 0; round < 30; round += 1) {
      const queue = await newQueue()
      const methods = untypedMethods(queue)
      const calls = Array.from({ length: 100 }, async () => {
        const name = random.oneOf(methodNames) as string
        const args = randomArguments(random, name)
        try {
          const result = await call(methods, name, args)
          if (name === 'open' || name === 'init') await (result as Queue).close()
          codes.set('accepted', (codes.get('accepted') ?? 0) + 1)
        } catch (thrown) {
          if (thrown === 'enough') return
          if (!ClaimlogError.is(thrown)) throw new Error(`${name} failed with ${String(thrown)}`, { cause: thrown })
          codes.set(thrown.error, (codes.get(thrown.error) ?? 0) + 1)
        }
      })
      // Calls that wait end when the queue is closed.
      await new Promise(resolve => setTimeout(resolve, 10))
      await queue.close()
      await Promise.all(calls)
    }
    expect(codes.get('usage')).toBeGreaterThan(1000)
    expect(codes.get('accepted')).toBeGreaterThan(20)
  })
})
