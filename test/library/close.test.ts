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
import type { Random } from '../support/random.ts'
import { upTo } from '../support/workspace-on-disk.ts'

const program = fileURLToPath(new URL('../programs/close-while-busy.mjs', import.meta.url))
const rounds = 2000
const roundsPerLog = 100
const seed = Number(process.env['CLAIMLOG_SEED'] ?? 20_261_129)

const scratch = mkdtempSync(join(tmpdir(), 'claimlog-close-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** The results of the calls of all rounds on one log. */
type Account = { readonly added: Array<string>; readonly refused: Array<string>; readonly tokens: Array<number> }

/** `answered`, or the error code of the call. */
type Outcome = string

const outcomeOf = async (call: Promise<unknown>): Promise<Outcome> => {
  try {
    await call
    return 'answered'
  } catch (thrown) {
    if (thrown === 'enough') return 'aborted'
    if (ClaimlogError.is(thrown)) return thrown.error
    throw thrown
  }
}

const add = (queue: Queue, account: Account, taskId: string, signal?: AbortSignal): Promise<Outcome> =>
  outcomeOf(queue.add({ kind: 'docs', taskId }, { signal })).then(outcome => {
    if (outcome === 'answered') account.added.push(taskId)
    if (outcome === 'closed') account.refused.push(taskId)
    return outcome
  })

const claim = (queue: Queue, account: Account, wait: boolean, signal?: AbortSignal): Promise<Outcome> =>
  outcomeOf(
    queue
      .claim({ worker: 'ann', kinds: [wait ? 'never' : 'docs'], ...(wait ? { wait: true } : {}), signal })
      .then(({ claim: { token } }) => account.tokens.push(token)),
  )

const follow = async (queue: Queue): Promise<void> => {
  for await (const event of queue.follow({ after: 1 })) if (event.seq % 7 === 0) await Promise.resolve()
}

/** Starts one of the calls at random. A task that it adds has the id `taskIdPattern`. */
const call = (random: Random, queue: Queue, account: Account, taskId: string): Promise<Outcome> => {
  const stop = new AbortController()
  const signal = random.chance(25) ? stop.signal : undefined
  if (signal !== undefined) setImmediate(() => stop.abort('enough'))
  const calls: ReadonlyArray<() => Promise<Outcome>> = [
    () => add(queue, account, taskId, signal),
    () => add(queue, account, taskId, signal),
    () => claim(queue, account, false, signal),
    () => claim(queue, account, true, signal),
    () => outcomeOf(queue.waitFor(['first'], { wait: true, signal })),
    () => outcomeOf(queue.waitUntilEmpty(['docs'], { wait: true, signal })),
    () => outcomeOf(follow(queue)),
    () => outcomeOf(queue.worker('never', () => null, { stopNow: signal })),
    () => outcomeOf(queue.list({}, { signal })),
    () => outcomeOf(queue.status({ at: { seq: 1 }, signal })),
    () => outcomeOf(queue.trace('first', { signal })),
    () => outcomeOf(queue.diff({ seq: 1 }, undefined, { signal })),
    () => outcomeOf(queue.note('first', taskId, { signal })),
  ]
  return (random.oneOf(calls) as () => Promise<Outcome>)()
}

/** Waits for a random number of promises, event loop turns or milliseconds. */
const letGoBy = async (random: Random): Promise<void> => {
  const much = random.between(0, 5)
  switch (random.between(0, 3)) {
    case 0:
      return
    case 1:
      for (let n = 0; n < much * 3; n += 1) await Promise.resolve()
      return
    case 2:
      for (let n = 0; n < much; n += 1) await new Promise(resolve => setImmediate(resolve))
      return
    default:
      await new Promise(resolve => setTimeout(resolve, much))
  }
}

const sentinelText = 'only this test writes here\n'

/** Files that the program opens in addition to the queue, and that must not change. */
const sentinels = () => {
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
const round = async (random: Random, dir: string, account: Account, name: string): Promise<void> => {
  const queue = await open({ dir, durability: random.chance(10) ? 'disk' : 'os' })
  const others = sentinels()
  const before = upTo(random.between(1, 6)).map(n => call(random, queue, account, `${name}-${n}`))
  await letGoBy(random)
  const closing = queue.close()
  others.add()
  const during = upTo(3).map(n => call(random, queue, account, `${name}-during-${n}`))
  await letGoBy(random)
  others.add()
  await Promise.all([closing, queue.close()])
  for (let n = 0; n < 3; n += 1) others.add()
  const after = upTo(4).map(n => call(random, queue, account, `${name}-after-${n}`))
  expect(await Promise.all([...during, ...after])).toEqual(Array(7).fill('closed'))
  for (const outcome of await Promise.all(before))
    expect(['answered', 'closed', 'aborted', 'no_ready_task']).toContain(outcome)
  await letGoBy(random)
  expect(others.texts()).toEqual(Array(5).fill(sentinelText))
}

type Logged = { readonly seq: number; readonly event: string; readonly task_id?: string }

const openFiles = (): number => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0)

describe('a program that closes the library during calls', () => {
  it(
    `has every answer in the log, no byte in another file, and one error code for every call after the close (seed ${seed})`,
    { timeout: 600_000 },
    async () => {
      const random = seededRandom(seed)
      // Node keeps one descriptor for all watched files.
      watch(scratch).close()
      for (let first = 0; first < rounds; first += roundsPerLog) {
        const dir = join(scratch, `queue-${first}`)
        const account: Account = { added: [], refused: [], tokens: [] }
        const made = await init({ dir })
        await made.add({ kind: 'first', taskId: 'first' })
        await made.close()
        const openBefore = openFiles()
        for (let n = first; n < first + roundsPerLog; n += 1) await round(random, dir, account, `round-${n}`)
        expect(openFiles()).toBe(openBefore)
        const log = readFileSync(join(dir, 'events.jsonl'), 'utf8')
          .split('\n')
          .slice(0, -1)
          .map(line => JSON.parse(line) as Logged)
        const added = log.filter(({ event }) => event === 'added').map(({ task_id }) => task_id)
        const claimed = log.filter(({ event }) => event === 'claimed').map(({ seq }) => seq)
        expect(added).toEqual(expect.arrayContaining(account.added))
        expect(added.filter(id => account.refused.includes(id ?? ''))).toEqual([])
        expect(claimed).toEqual(expect.arrayContaining(account.tokens))
        await using again = await open({ dir })
        expect(await again.status()).toMatchObject({ seq: log.length })
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
    const adding = outcomeOf(queue.add({ kind: 'docs', taskId: 'late' }))
    await queue.close()
    expect(await adding).toBe('closed')
    await release()
    await using again = await open({ dir })
    expect(await outcomeOf(again.show('late'))).toBe('unknown_task')
  })
})
