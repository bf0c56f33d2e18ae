import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWorkspace, type CommandInput, type Workspace } from '@claimlog/workspace'
import { openQueueFile } from '@claimlog/queue-file'
import { type Event, lineCodec } from '@claimlog/domain'
import { openFileLog } from '@claimlog/event-log-file'
import { claimlog } from '../support/claimlog-process.ts'
import { seeItDone } from './fleet-person.ts'
import { type Fleet, startFleet } from './fleet-processes.ts'
import { randomTasks } from './fleet-tasks.ts'
import type { Line } from '../support/log/log-book.ts'
import { chainBreaks } from '../support/log/log-chain.ts'
import { logPromises, readAgainstPromises } from '../support/log/log-promises.ts'
import { seededRandom } from '../programs/seeded-random.mjs'

/** The seed repeats the random choices, but not the interleaving of the processes. */
const seed = Number(process.env.FLEET_SEED ?? 20_250_101)
const taskCount = 1000
const workerCount = 6
/** A run takes about a minute; one that takes this long hangs. */
const safetyMs = 600_000

/** All events except `cancelled`, because a cancelled task is never done. */
const allEvents = ['opened', 'added', 'claimed', 'renewed', 'completed', 'failed', 'released', 'held', 'unheld'].concat(
  ['retried', 'amended', 'noted', 'paused', 'resumed', 'limited'],
)
const positive: unknown = expect.toSatisfy((count: number) => count > 0)

const dir = mkdtempSync(join(tmpdir(), 'claimlog-fleet-'))
let disbandAfterwards = (): void => undefined

afterAll(() => {
  disbandAfterwards()
  rmSync(dir, { recursive: true, force: true, maxRetries: 10 })
})

const notices: Array<unknown> = []

/** The person's workspace, which updates `queue.json` with each command. */
const openAsPerson = async (): Promise<Workspace> => {
  const opened = await openFileLog<Event>({ dir, codec: lineCodec })()
  if (opened._tag === 'Left') throw new Error(JSON.stringify(opened.left))
  const log = opened.right
  const queueFile = openQueueFile({ dir, log, notify: notice => notices.push(notice), mode: 'each' })
  return openWorkspace({ log, queueFile })
}

const fileText = (name: string): string => readFileSync(join(dir, name), 'utf8')

/** Runs the workers and the person until every task is done, or a worker has reported an error. */
const workItOff = async (): Promise<Fleet> => {
  const random = seededRandom(seed)
  expect((await claimlog(['init', dir], { cwd: dir })).status).toBe(0)
  const workspace = await openAsPerson()
  const opening: ReadonlyArray<CommandInput> = [
    { command: 'limit', kind: 'docs', limit: 3 },
    { command: 'limit', kind: 'ci', limit: 2 },
    { command: 'add', tasks: randomTasks(random, taskCount, Date.now()) },
  ]
  for (const order of opening) expect((await workspace.run(order)())._tag).toBe('Right')
  const workers = startFleet(dir, workerCount, random)
  disbandAfterwards = workers.disband
  await seeItDone(workspace, random, workers)
  await workers.dismiss()
  expect((await workspace.run({ command: 'note', taskId: 'task-1', text: 'all tasks are done' })())._tag).toBe('Right')
  await workspace.close()
  return workers
}

describe(`${taskCount} tasks, ${workerCount} workers that fail, sleep past their leases and die, and a person who intervenes (seed ${seed})`, () => {
  let fleet: Fleet
  let lines: ReadonlyArray<Line>
  let read: ReturnType<typeof readAgainstPromises>

  beforeAll(async () => {
    fleet = await workItOff()
    const written = fileText('events.jsonl').trimEnd().split('\n')
    lines = written.map(line => JSON.parse(line) as Line)
    read = readAgainstPromises(lines)
  }, safetyMs)

  it('end with every task done', () => {
    const standings = [...read.book.tasks.values()].map(({ standing }) => standing)
    expect(standings).toEqual(Array.from({ length: taskCount }, () => 'done'))
  })

  it('give every worker only expected responses', () => {
    expect({ complaints: fleet.complaints(), notices }).toEqual({ complaints: [], notices: [] })
  })

  it('leave a log without gaps, ordered by time, with a valid chain from the first line to the last', () => {
    expect(chainBreaks(fileText('events.jsonl'))).toEqual([])
  })

  it.each(logPromises)('%s', promise => {
    expect(read.broken.filter(broken => broken.promise === promise)).toEqual([])
  })

  it('produce every kind of event and every rare case', () => {
    const happened = new Set(lines.map(({ event }) => event))
    expect([...happened].sort()).toEqual([...allEvents].sort())
    const claims = lines.filter(({ event }) => event === 'claimed')
    expect({
      killed: fleet.killed(),
      triedAgain: claims.filter(({ attempt }) => attempt !== 1).length,
      claimedTogether: claims.filter(({ more }) => more).length,
      takenWithAnEnd: lines.filter(({ event, more }) => event === 'completed' && more).length,
      requestedTwice: claims.filter(({ request_id }) => request_id !== undefined).length,
      lastAttempts: lines.filter(({ retry_at }) => retry_at === null).length,
    }).toEqual({
      killed: positive,
      triedAgain: positive,
      claimedTogether: positive,
      takenWithAnEnd: positive,
      requestedTwice: positive,
      lastAttempts: positive,
    })
  })

  it('leave a log that verifies, and from which replay writes the same bytes to queue.json', async () => {
    const run = async (...words: ReadonlyArray<string>): Promise<number | null> =>
      (await claimlog([...words, '--dir', dir], { cwd: dir })).status
    expect(await run('verify')).toBe(0)
    expect(await run('replay', '--check')).toBe(0)
    const kept = fileText('queue.json')
    rmSync(join(dir, 'queue.json'))
    expect(await run('replay')).toBe(0)
    expect(fileText('queue.json')).toBe(kept)
  })
})
