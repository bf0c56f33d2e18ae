import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as E from 'fp-ts/lib/Either.js'
import { type Event, lineCodec } from '@claimlog/domain'
import { scanFileLog } from '@claimlog/event-log-file'
import { openWorkspace } from '@claimlog/workspace'
import { openPostgresLog, type PostgresLocation } from '../../../packages/event-log-postgres/src/index.ts'
import type { Cluster } from '../../../packages/event-log-postgres/testing/cluster.ts'
import { startFaultProxy } from '../../../packages/event-log-postgres/testing/fault-proxy/fault-proxy.ts'
import { createSampleWorkspace, runSql } from '../../../packages/event-log-postgres/testing/sample-postgres-log.ts'
import { seededRandom } from '../../programs/seeded-random.mjs'
import type { Random } from '../../support/random.ts'
import { disturb, type FaultKind, disturbanceKinds } from './disturbances.ts'
import { parseJournal, type WorkerSettings } from './journal.ts'
import { countFailures, judge, type JudgedLine } from './judge.ts'
import { type Outage, recoveryMs } from './outages.ts'
import { type FaultWorker, startWorker } from './workers.ts'

type FaultRunOptions = {
  readonly cluster: Cluster
  /** The bundled worker program. */
  readonly program: string
  readonly seed: number
  readonly seconds: number
  /** The disturbances to choose from; default: all. */
  readonly kinds?: ReadonlyArray<FaultKind>
}

export type FaultReport = {
  readonly seed: number
  /** The number of disturbances and of faults of the network. */
  readonly faults: Readonly<Record<string, number>>
  readonly calls: number
  readonly answers: number
  /** Answers that are failures: of calls that met an outage as long as the lock timeout, or else they are problems. */
  readonly failures: number
  readonly claims: number
  readonly lines: number
  /** The longest time that a call took. */
  readonly slowestMs: number
  readonly problems: ReadonlyArray<string>
}

const lockTimeoutMs = 10_000
const outageMsMax = 6000
const workerCount = 5
/** The others behave as behind a pooler, where a process cannot take turns. */
const turnTakerCount = 3
/** Hours apart, although the workers share one log. */
const clockOffsetsMs = [0, 20 * 60_000, -20 * 60_000]

/** Rates of network faults in per cent of the requests. */
const faultRates = {
  ...{ 'cut-request': 0.4, 'lose-answer': 0.6, 'cut-answer': 0.2, 'deliver-late': 0.4, delay: 2, 'half-close': 0.2 },
}

/** Lets workers run for some time while they, their server and the network between are disturbed; then judges. */
export const runFaults = async (options: FaultRunOptions): Promise<FaultReport> => {
  const { cluster, program, seed, seconds, kinds = disturbanceKinds } = options
  const random = seededRandom(seed)
  const scratch = mkdtempSync(join(tmpdir(), 'claimlog-faults-'))
  const location = await createSampleWorkspace(cluster)
  const startMs = Date.now()
  await createQueue(location)
  const roles = await createRoles(location)
  const proxy = await startFaultProxy(cluster)
  const all: Array<FaultWorker> = []
  const start = (index: number): void => {
    const settings: WorkerSettings = {
      location: {
        ...{ ...location, hosts: [{ host: '127.0.0.1', port: proxy.port }], user: roles[index] ?? '' },
        prepare: index < turnTakerCount,
      },
      // The first two processes have one name.
      worker: `worker-${Math.max(1, index)}`,
      journal: join(scratch, `journal-${all.length}`),
      seed: random.between(1, 2 ** 30),
      clockOffsetMs: clockOffsetsMs[index % clockOffsetsMs.length] ?? 0,
      lockTimeoutMs,
    }
    const worker = startWorker(program, settings)
    all.push(worker)
    void worker.ended.then(problem => {
      if (!isFinished && problem === undefined) start(index)
    })
  }
  let isFinished = false
  for (let index = 0; index < workerCount; index += 1) start(index)
  await waitForClaims(location)
  proxy.failRandomly(seed, faultRates, { msMax: 300 })
  const outageMs = (): number => random.between(500, outageMsMax)
  const scene = { cluster, proxy, random, workers: () => all, outageMs }
  const outages: Array<Outage> = []
  const disturbanceCounts = await disturbRepeatedly(random, kinds, seconds, async kind => {
    const fromMs = Date.now()
    await disturb(kind, scene)
    outages.push({ startMs: fromMs, endMs: Date.now() })
  })
  isFinished = true
  proxy.stopFailing()
  for (const worker of all) worker.kill('SIGTERM')
  const ends = await Promise.all(all.map(({ ended }) => ended))
  proxy.dispose()
  const lines = await readServerLines(location)
  const calls = readdirSync(scratch).flatMap(name => parseJournal(name, readFileSync(join(scratch, name), 'utf8')))
  const problems = [
    ...ends.filter(problem => problem !== undefined),
    ...judge({
      lines: lines.map(line => JSON.parse(line) as JudgedLine),
      calls,
      outages,
      lockTimeoutMs,
      startMs,
      endMs: Date.now(),
    }),
    ...(await scanAsFile(scratch, lines)),
  ]
  if (problems.length === 0) rmSync(scratch, { recursive: true })
  else problems.push(`the journals and the lines are in ${scratch}`)
  const answered = calls.filter(({ answer }) => answer !== undefined)
  return {
    seed,
    faults: { ...disturbanceCounts, ...proxy.counts() },
    calls: calls.length,
    answers: answered.length,
    failures: countFailures(calls),
    claims: answered.filter(({ input, answer }) => input.command === 'claim' && answer?._tag === 'Right').length,
    lines: lines.length,
    slowestMs: Math.max(0, ...answered.map(({ startMs: from, endMs = from }) => endMs - from)),
    problems,
  }
}

const disturbRepeatedly = async (
  random: Random,
  kinds: ReadonlyArray<FaultKind>,
  seconds: number,
  disturbOnce: (kind: FaultKind) => Promise<void>,
): Promise<Readonly<Record<string, number>>> => {
  const counts: Record<string, number> = {}
  const endMs = Date.now() + seconds * 1000
  await sleep(random.between(500, 1500))
  for (; Date.now() < endMs; await sleep(random.between(recoveryMs, 1.5 * recoveryMs))) {
    const kind = random.oneOf(kinds)
    if (kind === undefined) continue
    counts[kind] = (counts[kind] ?? 0) + 1
    await disturbOnce(kind)
  }
  return counts
}

const expectRight = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(JSON.stringify(either.left))
  return either.right
}

/** Makes a queue in an empty log, with short delays between attempts. */
export const createQueue = async (location: PostgresLocation): Promise<void> => {
  const log = expectRight(await openPostgresLog<Event>({ location, codec: lineCodec })())
  const workspace = openWorkspace({ log })
  expectRight(
    await workspace.run({ command: 'open', workspace: 'w', backoff: { firstMs: 1000, maxMs: 2000 } } as never)(),
  )
  await workspace.close()
}

/** Creates a role for each worker, with the superuser's password and the rights of workers only. */
const createRoles = async (location: PostgresLocation): Promise<ReadonlyArray<string>> => {
  const roles = Array.from({ length: workerCount }, (_, index) => `fault_worker_${index}`)
  for (const role of roles) {
    const create = `CREATE ROLE ${role} LOGIN PASSWORD '${location.password ?? ''}' IN ROLE claimlog_worker`
    await runSql(location, `DO $$ BEGIN ${create}; EXCEPTION WHEN duplicate_object THEN NULL; END $$`)
  }
  return roles
}

/** Workers that have not begun would meet no fault. */
const waitForClaims = async (location: PostgresLocation): Promise<void> => {
  for (let claims = 0; claims < workerCount; await sleep(50))
    claims = (await readServerLines(location)).filter(line => line.includes('"event":"claimed"')).length
}

/** The lines of a log as the server has them, in order. */
export const readServerLines = async (location: PostgresLocation): Promise<ReadonlyArray<string>> => {
  const rows = await runSql(
    location,
    `SELECT line FROM claimlog.events WHERE workspace = (SELECT id FROM claimlog.workspaces WHERE name = $1) ORDER BY seq`,
    [location.workspace],
  )
  return rows.map(({ line }) => String(line))
}

/** Writes the lines to a file, and checks it as `claimlog verify` does. */
const scanAsFile = async (scratch: string, lines: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const dir = join(scratch, 'dump')
  mkdirSync(dir)
  writeFileSync(join(dir, 'events.jsonl'), lines.map(line => `${line}\n`).join(''))
  const scan = await scanFileLog<Event>({ dir, codec: lineCodec }, () => undefined)()
  if (E.isLeft(scan)) return [`the lines are no sound file: ${JSON.stringify(scan.left)}`]
  const { seq, unfinishedBytes } = scan.right
  return seq === lines.length && unfinishedBytes === 0 ? [] : [`the file ends after ${seq} of ${lines.length} lines`]
}
