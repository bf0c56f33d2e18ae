import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWorkspace, type CommandInput, type Workspace } from '@claimlog/workspace'
import { openQueueFile } from '@claimlog/queue-file'
import { type Event, lineCodec } from '@claimlog/domain'
import { openFileLog } from '@claimlog/event-log-file'
import { openPostgresLog, parsePostgresUrl } from '../../packages/event-log-postgres/src/index.ts'
import { compareAnswers, type JudgedLine } from '../postgres/faults/judge.ts'
import { claimlog } from '../support/claimlog-process.ts'
import { operateUntilDone } from './fleet-operator.ts'
import { type Fleet, startFleet } from './fleet-processes.ts'
import { randomTasks } from './fleet-tasks.ts'
import { describeEachLog, type SharedWorkspace, type TestedLog } from '../support/log/each-log.ts'
import { findChainErrors } from '../support/log/log-chain.ts'
import { logPromises, checkPromises } from '../support/log/log-promises.ts'
import { seededRandom } from '../programs/seeded-random.mjs'

/** The seed repeats the random choices, but not the interleaving of the processes. */
const seed = Number(process.env.FLEET_SEED ?? 20_250_101)
const workerCount = 6
/** A run takes about a minute; one that takes this long hangs. */
const timeoutMs = 600_000

/** All events except `cancelled`, because a cancelled task is never done. */
const allEvents = ['opened', 'added', 'claimed', 'renewed', 'completed', 'failed', 'released', 'held', 'unheld'].concat(
  ['retried', 'amended', 'noted', 'paused', 'resumed', 'limited'],
)
const positive: unknown = expect.toSatisfy((count: number) => count > 0)

const expectRight = <A>(either: { _tag: 'Left'; left: unknown } | { _tag: 'Right'; right: A }): A => {
  if (either._tag === 'Left') throw new Error(JSON.stringify(either.left))
  return either.right
}

/** The person's workspace, which updates `queue.json` with each command, if the log is a file. */
const openShared = async (
  { dir, address }: SharedWorkspace,
  kind: TestedLog['kind'],
  notify: (notice: unknown) => void,
): Promise<Workspace> => {
  if (kind === 'postgres') {
    const location = expectRight(parsePostgresUrl(address, {}))
    return openWorkspace({ log: expectRight(await openPostgresLog<Event>({ location, codec: lineCodec })()), notify })
  }
  const log = expectRight(await openFileLog<Event>({ dir, codec: lineCodec })())
  return openWorkspace({ log, queueFile: openQueueFile({ dir, log, notify, mode: 'each' }) })
}

/** Runs the workers and the person until every task is done, or a worker has reported an error. */
const runFleet = async (workspace: Workspace, { address }: SharedWorkspace, taskCount: number): Promise<Fleet> => {
  const random = seededRandom(seed)
  const setupCommands: ReadonlyArray<CommandInput> = [
    { command: 'limit', kind: 'docs', limit: 3 },
    { command: 'limit', kind: 'ci', limit: 2 },
    { command: 'add', tasks: randomTasks(random, taskCount, Date.now()) },
  ]
  for (const command of setupCommands) expectRight(await workspace.run(command)())
  const workers = startFleet(address, workerCount, random)
  try {
    await operateUntilDone(workspace, random, workers)
    await workers.finish()
  } catch (thrown) {
    workers.dispose()
    throw thrown
  }
  expectRight(await workspace.run({ command: 'note', taskId: 'task-1', text: 'all tasks are done' })())
  await workspace.close()
  return workers
}

describeEachLog(`a fleet (seed ${seed})`, log => {
  const taskCount = log.size(1000, 250)

  describe(`${taskCount} tasks, ${workerCount} workers that fail, sleep past their leases and die, and a person who intervenes`, () => {
    const dir = mkdtempSync(join(tmpdir(), 'claimlog-fleet-'))
    let place: SharedWorkspace
    let fleet: Fleet | undefined
    let text: string
    let lines: ReadonlyArray<JudgedLine>
    let checked: ReturnType<typeof checkPromises>
    const notices: Array<unknown> = []

    beforeAll(async () => {
      place = await log.newWorkspace(dir)
      const workspace = await openShared(place, log.kind, notice => notices.push(notice))
      fleet = await runFleet(workspace, place, taskCount)
      text = await place.readText()
      lines = (await place.readLines()) as ReadonlyArray<unknown> as ReadonlyArray<JudgedLine>
      checked = checkPromises(lines)
    }, timeoutMs)
    afterAll(() => {
      fleet?.dispose()
      rmSync(dir, { recursive: true, force: true, maxRetries: 10 })
    })

    it('end with every task done', () => {
      const statuses = [...checked.model.tasks.values()].map(({ status }) => status)
      expect(statuses).toEqual(Array.from({ length: taskCount }, () => 'done'))
    })

    it('give every worker only expected responses', () => {
      expect({ errors: fleet?.listErrors(), notices }).toEqual({ errors: [], notices: [] })
    })

    it('give every worker only answers that the log has, and leave no claim without an answer', () => {
      const calls = fleet?.readCalls() ?? []
      expect(calls.length).toBeGreaterThan(taskCount)
      expect(compareAnswers({ lines, calls })).toEqual([])
    })

    it('leave a log without gaps, ordered by time, with a valid chain from the first line to the last', () => {
      expect(findChainErrors(text)).toEqual([])
    })

    it.each(logPromises)('%s', promise => {
      expect(checked.broken.filter(broken => broken.promise === promise)).toEqual([])
    })

    it('produce every kind of event and every rare case', () => {
      const eventNames = new Set(lines.map(({ event }) => event))
      expect([...eventNames].sort()).toEqual([...allEvents].sort())
      const claims = lines.filter(({ event }) => event === 'claimed')
      expect({
        killed: fleet?.countKilled(),
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
      expect((await place.run(['verify'])).status).toBe(0)
      const copy = join(dir, 'copy')
      mkdirSync(copy)
      writeFileSync(join(copy, 'events.jsonl'), text)
      const runOnCopy = async (...args: ReadonlyArray<string>): Promise<number | null> =>
        (await claimlog([...args, '--dir', copy], { cwd: dir })).status
      expect(await runOnCopy('verify')).toBe(0)
      expect(await runOnCopy('replay')).toBe(0)
      // A log on a server has this file only in a directory that is named for it.
      const derived = log.kind === 'file' ? ['--check'] : ['--dir', join(dir, 'derived')]
      expect((await place.run(['replay', ...derived])).status).toBe(0)
      const queueFile = join(log.kind === 'file' ? dir : join(dir, 'derived'), 'queue.json')
      expect(readFileSync(queueFile, 'utf8')).toBe(readFileSync(join(copy, 'queue.json'), 'utf8'))
    })
  })
})
