import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWorkspace, type CommandInput, type Workspace } from '@claimlog/workspace'
import { openQueueFile } from '@claimlog/queue-file'
import { type Event, lineCodec } from '@claimlog/domain'
import { openFileLog } from '@claimlog/event-log-file'
import { claimlog } from '../support/claimlog-process.ts'
import { operateUntilDone } from './fleet-operator.ts'
import { type Fleet, startFleet } from './fleet-processes.ts'
import { randomTasks } from './fleet-tasks.ts'
import type { CheckedLine } from '../support/log/log-model.ts'
import { findChainErrors } from '../support/log/log-chain.ts'
import { logPromises, checkPromises } from '../support/log/log-promises.ts'
import { seededRandom } from '../programs/seeded-random.mjs'

/** The seed repeats the random choices, but not the interleaving of the processes. */
const seed = Number(process.env.FLEET_SEED ?? 20_250_101)
const taskCount = 1000
const workerCount = 6
/** A run takes about a minute; one that takes this long hangs. */
const timeoutMs = 600_000

/** All events except `cancelled`, because a cancelled task is never done. */
const allEvents = ['opened', 'added', 'claimed', 'renewed', 'completed', 'failed', 'released', 'held', 'unheld'].concat(
  ['retried', 'amended', 'noted', 'paused', 'resumed', 'limited'],
)
const positive: unknown = expect.toSatisfy((count: number) => count > 0)

const dir = mkdtempSync(join(tmpdir(), 'claimlog-fleet-'))
let killWorkers = (): void => undefined

afterAll(() => {
  killWorkers()
  rmSync(dir, { recursive: true, force: true, maxRetries: 10 })
})

const notices: Array<unknown> = []

/** The person's workspace, which updates `queue.json` with each command. */
const openWithQueueFile = async (): Promise<Workspace> => {
  const opened = await openFileLog<Event>({ dir, codec: lineCodec })()
  if (opened._tag === 'Left') throw new Error(JSON.stringify(opened.left))
  const log = opened.right
  const queueFile = openQueueFile({ dir, log, notify: notice => notices.push(notice), mode: 'each' })
  return openWorkspace({ log, queueFile })
}

const readFile = (name: string): string => readFileSync(join(dir, name), 'utf8')

/** Runs the workers and the person until every task is done, or a worker has reported an error. */
const runFleet = async (): Promise<Fleet> => {
  const random = seededRandom(seed)
  expect((await claimlog(['init', dir], { cwd: dir })).status).toBe(0)
  const workspace = await openWithQueueFile()
  const setupCommands: ReadonlyArray<CommandInput> = [
    { command: 'limit', kind: 'docs', limit: 3 },
    { command: 'limit', kind: 'ci', limit: 2 },
    { command: 'add', tasks: randomTasks(random, taskCount, Date.now()) },
  ]
  for (const command of setupCommands) expect((await workspace.run(command)())._tag).toBe('Right')
  const workers = startFleet(dir, workerCount, random)
  killWorkers = workers.killAll
  await operateUntilDone(workspace, random, workers)
  await workers.finish()
  expect((await workspace.run({ command: 'note', taskId: 'task-1', text: 'all tasks are done' })())._tag).toBe('Right')
  await workspace.close()
  return workers
}

describe(`${taskCount} tasks, ${workerCount} workers that fail, sleep past their leases and die, and a person who intervenes (seed ${seed})`, () => {
  let fleet: Fleet
  let lines: ReadonlyArray<CheckedLine>
  let checked: ReturnType<typeof checkPromises>

  beforeAll(async () => {
    fleet = await runFleet()
    const texts = readFile('events.jsonl').trimEnd().split('\n')
    lines = texts.map(line => JSON.parse(line) as CheckedLine)
    checked = checkPromises(lines)
  }, timeoutMs)

  it('end with every task done', () => {
    const statuses = [...checked.model.tasks.values()].map(({ status }) => status)
    expect(statuses).toEqual(Array.from({ length: taskCount }, () => 'done'))
  })

  it('give every worker only expected responses', () => {
    expect({ errors: fleet.listErrors(), notices }).toEqual({ errors: [], notices: [] })
  })

  it('leave a log without gaps, ordered by time, with a valid chain from the first line to the last', () => {
    expect(findChainErrors(readFile('events.jsonl'))).toEqual([])
  })

  it.each(logPromises)('%s', promise => {
    expect(checked.broken.filter(broken => broken.promise === promise)).toEqual([])
  })

  it('produce every kind of event and every rare case', () => {
    const eventNames = new Set(lines.map(({ event }) => event))
    expect([...eventNames].sort()).toEqual([...allEvents].sort())
    const claims = lines.filter(({ event }) => event === 'claimed')
    expect({
      killed: fleet.countKilled(),
      retried: claims.filter(({ attempt }) => attempt !== 1).length,
      claimedTogether: claims.filter(({ more }) => more).length,
      claimedOnCompletion: lines.filter(({ event, more }) => event === 'completed' && more).length,
      withRequestId: claims.filter(({ request_id }) => request_id !== undefined).length,
      lastAttempts: lines.filter(({ retry_at }) => retry_at === null).length,
    }).toEqual({
      killed: positive,
      retried: positive,
      claimedTogether: positive,
      claimedOnCompletion: positive,
      withRequestId: positive,
      lastAttempts: positive,
    })
  })

  it('leave a log that verifies, and from which replay writes the same bytes to queue.json', async () => {
    const run = async (...args: ReadonlyArray<string>): Promise<number | null> =>
      (await claimlog([...args, '--dir', dir], { cwd: dir })).status
    expect(await run('verify')).toBe(0)
    expect(await run('replay', '--check')).toBe(0)
    const before = readFile('queue.json')
    rmSync(join(dir, 'queue.json'))
    expect(await run('replay')).toBe(0)
    expect(readFile('queue.json')).toBe(before)
  })
})
