import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  watch,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { ClaimlogError, init, open, type Queue } from '@claimlog/client'
import { startLockingProcess } from '../../packages/event-log-file/testing/log-process.ts'
import { run } from '../support/claimlog-process.ts'
import { seededRandom } from '../programs/seeded-random.mjs'
import { chooseCount } from '../support/machine/select-cases.ts'
import type { Random } from '../support/random.ts'
import { numbersFromOne } from '../support/workspace-on-disk.ts'

const program = fileURLToPath(new URL('../programs/close-while-busy.mjs', import.meta.url))
const roundCount = chooseCount(2000, 500)
const roundsPerLog = 100
const seed = Number(process.env['CLAIMLOG_SEED'] ?? 20_261_129)

const scratch = mkdtempSync(join(tmpdir(), 'claimlog-close-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** The results of the calls of all rounds on one log. */
type CallResults = { readonly added: Array<string>; readonly refused: Array<string>; readonly tokens: Array<number> }

/** `answered`, or the error code of the call. */
type CallOutcome = string

const awaitOutcome = async (call: Promise<unknown>): Promise<CallOutcome> => {
  try {
    await call
    return 'answered'
  } catch (thrown) {
    if (thrown === 'enough') return 'aborted'
    if (ClaimlogError.is(thrown)) return thrown.error
    throw thrown
  }
}

const add = (queue: Queue, results: CallResults, taskId: string, signal?: AbortSignal): Promise<CallOutcome> =>
  awaitOutcome(queue.add({ kind: 'docs', taskId }, { signal })).then(result => {
    if (result === 'answered') results.added.push(taskId)
    if (result === 'closed') results.refused.push(taskId)
    return result
  })

const claim = (queue: Queue, results: CallResults, wait: boolean, signal?: AbortSignal): Promise<CallOutcome> =>
  awaitOutcome(
    queue
      .claim({ worker: 'ann', kinds: [wait ? 'never' : 'docs'], ...(wait ? { wait: true } : {}), signal })
      .then(({ claim: { token } }) => results.tokens.push(token)),
  )

const follow = async (queue: Queue): Promise<void> => {
  for await (const event of queue.follow({ after: 1 })) if (event.seq % 7 === 0) await Promise.resolve()
}

/** Starts one of the calls at random. A task that it adds has the id `taskId`. */
const call = (random: Random, queue: Queue, results: CallResults, taskId: string): Promise<CallOutcome> => {
  const stop = new AbortController()
  const signal = random.chance(25) ? stop.signal : undefined
  if (signal !== undefined) setImmediate(() => stop.abort('enough'))
  const calls: ReadonlyArray<() => Promise<CallOutcome>> = [
    () => add(queue, results, taskId, signal),
    () => add(queue, results, taskId, signal),
    () => claim(queue, results, false, signal),
    () => claim(queue, results, true, signal),
    () => awaitOutcome(queue.waitFor(['first'], { wait: true, signal })),
    () => awaitOutcome(queue.waitUntilEmpty(['docs'], { wait: true, signal })),
    () => awaitOutcome(follow(queue)),
    () => awaitOutcome(queue.worker('never', () => null, { signal })),
    () => awaitOutcome(queue.list({}, { signal })),
    () => awaitOutcome(queue.status({ at: { seq: 1 }, signal })),
    () => awaitOutcome(queue.trace('first', { signal })),
    () => awaitOutcome(queue.diff({ seq: 1 }, undefined, { signal })),
    () => awaitOutcome(queue.note('first', taskId, { signal })),
  ]
  return (random.oneOf(calls) as () => Promise<CallOutcome>)()
}

/** Waits for a random number of promises, event loop turns or milliseconds. */
const waitRandomly = async (random: Random): Promise<void> => {
  const amount = random.between(0, 5)
  switch (random.between(0, 3)) {
    case 0:
      return
    case 1:
      for (let n = 0; n < amount * 3; n += 1) await Promise.resolve()
      return
    case 2:
      for (let n = 0; n < amount; n += 1) await new Promise(resolve => setImmediate(resolve))
      return
    default:
      await new Promise(resolve => setTimeout(resolve, amount))
  }
}

const sentinelText = 'only this test writes here\n'

/** Files that the program opens in addition to the queue, and that must not change. */
const createSentinels = () => {
  const open: Array<{ readonly fd: number; readonly path: string }> = []
  let count = 0
  return {
    add: (): void => {
      const path = join(scratch, `sentinel-${(count += 1)}`)
      const fd = openSync(path, 'w+')
      writeSync(fd, sentinelText)
      open.push({ fd, path })
    },
    texts: (): ReadonlyArray<string> =>
      open.map(({ fd, path }) => {
        closeSync(fd)
        return readFileSync(path, 'utf8')
      }),
  }
}

/** Makes calls before, during and after the closing of a queue, while other files are opened. */
const runRound = async (random: Random, dir: string, results: CallResults, name: string): Promise<void> => {
  const queue = await open({ dir, durability: random.chance(10) ? 'disk' : 'os' })
  const others = createSentinels()
  const before = numbersFromOne(random.between(1, 6)).map(n => call(random, queue, results, `${name}-${n}`))
  await waitRandomly(random)
  const closing = queue.close()
  others.add()
  const during = numbersFromOne(3).map(n => call(random, queue, results, `${name}-during-${n}`))
  await waitRandomly(random)
  others.add()
  await Promise.all([closing, queue.close()])
  for (let n = 0; n < 3; n += 1) others.add()
  const after = numbersFromOne(4).map(n => call(random, queue, results, `${name}-after-${n}`))
  expect(await Promise.all([...during, ...after])).toEqual(Array(7).fill('closed'))
  for (const result of await Promise.all(before))
    expect(['answered', 'closed', 'aborted', 'no_ready_task']).toContain(result)
  await waitRandomly(random)
  expect(others.texts()).toEqual(Array(5).fill(sentinelText))
}

type LogEvent = { readonly seq: number; readonly event: string; readonly task_id?: string }

const countOpenFiles = (): number => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0)

describe('a program that closes the library during calls', () => {
  it(
    `has every answer in the log, no byte in another file, and one error code for every call after the close (seed ${seed})`,
    { timeout: 600_000 },
    async () => {
      const random = seededRandom(seed)
      // Node keeps one descriptor for all watched files.
      watch(scratch).close()
      for (let first = 0; first < roundCount; first += roundsPerLog) {
        const dir = join(scratch, `queue-${first}`)
        const results: CallResults = { added: [], refused: [], tokens: [] }
        const firstQueue = await init({ dir })
        await firstQueue.add({ kind: 'first', taskId: 'first' })
        await firstQueue.close()
        const initialOpenFiles = countOpenFiles()
        for (let n = first; n < first + roundsPerLog; n += 1) await runRound(random, dir, results, `round-${n}`)
        expect(countOpenFiles()).toBe(initialOpenFiles)
        const log = readFileSync(join(dir, 'events.jsonl'), 'utf8')
          .split('\n')
          .slice(0, -1)
          .map(line => JSON.parse(line) as LogEvent)
        const added = log.filter(({ event }) => event === 'added').map(({ task_id }) => task_id)
        const claimed = log.filter(({ event }) => event === 'claimed').map(({ seq }) => seq)
        expect(added).toEqual(expect.arrayContaining(results.added))
        expect(added.filter(id => results.refused.includes(id ?? ''))).toEqual([])
        expect(claimed).toEqual(expect.arrayContaining(results.tokens))
        await using reopened = await open({ dir })
        expect(await reopened.status()).toMatchObject({ seq: log.length })
      }
    },
  )
})

describe('a process that closes its queue during calls', () => {
  it('ends by itself, with exit code 0', async () => {
    const dir = join(scratch, 'busy')
    const { status, stdout, stderr } = await run(process.execPath, [program, dir], { cwd: scratch })
    expect({ status, stderr, ended: JSON.parse(stdout) as unknown }).toEqual({
      status: 0,
      stderr: '',
      ended: ['rejected', 'rejected', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
    })
  })
})

describe('a queue that is closed while a call waits for the lock of a suspended process', () => {
  it('cancels that call, and has no event of it in the log', async () => {
    const dir = join(scratch, 'locked')
    const queue = await init({ dir })
    const { release } = await startLockingProcess(join(dir, 'events.jsonl'))
    const adding = awaitOutcome(queue.add({ kind: 'docs', taskId: 'late' }))
    await queue.close()
    expect(await adding).toBe('closed')
    await release()
    await using reopened = await open({ dir })
    expect(await awaitOutcome(reopened.show('late'))).toBe('unknown_task')
  })
})
