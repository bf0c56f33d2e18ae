import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import { type Event, lineCodec } from '@claimlog/domain'
import type { SampleEvent } from '@claimlog/event-log/conformance'
import { openWorkspace } from '@claimlog/workspace'
import { openPostgresLog, type PostgresLocation } from '../../../packages/event-log-postgres/src/index.ts'
import { describeEachServer } from '../../../packages/event-log-postgres/testing/describe-each-server.ts'
import {
  type FaultProxy,
  startFaultProxy,
} from '../../../packages/event-log-postgres/testing/fault-proxy/fault-proxy.ts'
import {
  createSampleWorkspace,
  openSampleLog,
  wordAppender,
} from '../../../packages/event-log-postgres/testing/sample-postgres-log.ts'
import { readServerLines } from '../faults/fault-run.ts'
import { parseJournal } from '../faults/journal.ts'
import { compareAnswers, type JudgedLine } from '../faults/judge.ts'
import { bundleWorker, removeWorkerBundle, startWorker } from '../faults/workers.ts'
import { selectCases } from '../../support/machine/select-cases.ts'
import { createServerQueue, waitUntil } from './server-queue.ts'

const root = join(import.meta.dirname, '../../..')
const role = 'stopped_worker'

type SentText = { readonly text: string }
const isAppend = ({ text }: SentText): boolean => text.includes('.append(')
const isLock = ({ text }: SentText): boolean => text.includes('pg_advisory_xact_lock(1129072455')
const isCommit = ({ text }: SentText): boolean => text === 'COMMIT'

const commitFaults = ['lose-answer', 'swallow-answer', 'cut-answer', 'swallow-request', 'cut-request'] as const

/** Delays appends through the proxy, so that others, who do not use it, are always faster. */
const loseAlways = (proxy: FaultProxy): void => proxy.failRandomly(1, { delay: 100 }, { matching: isAppend, msMax: 60 })

/** Repeats a step until it is stopped, which resolves after the last step. */
const repeat = (step: () => Promise<unknown>): (() => Promise<void>) => {
  let isStopped = false
  const ended = (async () => {
    while (!isStopped) await step()
  })()
  return () => {
    isStopped = true
    return ended
  }
}

/** As behind a pooler, where processes have no turns: only there a call that lost too often keeps others away. */
const throughProxy = (location: PostgresLocation, { port }: FaultProxy): PostgresLocation => ({
  ...location,
  hosts: [{ host: '127.0.0.1', port }],
  prepare: false,
})

const openEventLog = async (location: PostgresLocation) => {
  const log = await openPostgresLog<Event>({ location, codec: lineCodec })()
  if (E.isLeft(log)) throw new Error(JSON.stringify(log.left))
  return log.right
}

describeEachServer(
  'a client that keeps others away for one append, because it lost too often',
  getCluster => {
    afterAll(() => removeWorkerBundle(root))

    const startProxy = async (): Promise<FaultProxy> => {
      const proxy = await startFaultProxy(getCluster())
      onTestFinished(() => proxy.dispose())
      return proxy
    }

    it('lets them go on if it is stopped meanwhile, and goes on itself afterwards', async () => {
      const proxy = await startProxy()
      const { location, run, query } = await createServerQueue(getCluster())
      const password = location.password ?? ''
      await query(`CREATE ROLE ${role} LOGIN PASSWORD '${password}' IN ROLE claimlog_worker`)
      const scratch = mkdtempSync(join(tmpdir(), 'claimlog-patience-'))
      onTestFinished(() => rmSync(scratch, { recursive: true }))
      const journal = join(scratch, 'journal')
      const holdsLock = async (): Promise<boolean> =>
        (
          await query(
            `SELECT FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE usename = '${role}'
              AND locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted AND classid = 1129072455`,
          )
        ).length > 0

      const worker = startWorker(bundleWorker(root), {
        location: { ...throughProxy(location, proxy), user: role },
        ...{ worker: 'ann', journal, seed: 1, clockOffsetMs: 0, lockTimeoutMs: 60_000 },
      })
      onTestFinished(() => worker.kill('SIGKILL'))
      loseAlways(proxy)
      const queue = openWorkspace({ log: await openEventLog(location) })
      const answers: Array<unknown> = []
      const stopOthers = repeat(async () => {
        answers.push(await queue.run({ command: 'add', tasks: [{ kind: 'docs' }] })())
      })
      const stopWithLock = async (): Promise<boolean> => {
        await proxy.failNext('delay', { matching: isLock, ms: 0 })
        // While it waits for this answer, it has the lock.
        void proxy.failNext('delay', { matching: isAppend, ms: 600_000 })
        await waitUntil(holdsLock)
        worker.kill('SIGSTOP')
        return holdsLock()
      }
      while (!(await stopWithLock())) worker.kill('SIGCONT')
      expect(await run('add', 'docs', 'second', '--lock-timeout', '10s')).toMatchObject({ code: 0 })
      const answerCount = answers.length
      await waitUntil(() => answers.length > answerCount + 20)
      await stopOthers()
      expect(answers.filter(answer => !E.isRight(answer as E.Either<unknown, unknown>))).toEqual([])
      proxy.stopFailing()
      worker.kill('SIGCONT')
      const lineCount = (await readServerLines(location)).length
      await waitUntil(async () => (await readServerLines(location)).slice(lineCount).join().includes('"worker":"ann"'))
      worker.kill('SIGTERM')
      expect(await worker.ended).toBeUndefined()
      await queue.close()
      const lines = (await readServerLines(location)).map(line => JSON.parse(line) as JudgedLine)
      const calls = parseJournal('journal', readFileSync(journal, 'utf8'))
      expect(compareAnswers({ lines, calls })).toEqual([])
    })

    it.each(selectCases(commitFaults, 2))(
      'has one event in the log and learns of it after its COMMIT met: %s',
      async fault => {
        const proxy = await startProxy()
        const location = await createSampleWorkspace(getCluster())
        const [log, other] = [
          await openSampleLog(throughProxy(location, proxy), { lockTimeoutMs: 30_000 }),
          await openSampleLog(location),
        ]
        const sayOther = wordAppender(other)
        const sayOwn = wordAppender(log)
        const stopOthers = repeat(() => sayOther('other'))
        loseAlways(proxy)
        const met = proxy.failNext(fault, { matching: isCommit })
        const answered: Array<string> = []
        const stopOwn = repeat(async () => {
          const word = `own ${answered.length}`
          expect(await sayOwn(word)).toEqual(E.right(undefined))
          answered.push(word)
        })
        await met
        await stopOwn()
        await stopOthers()
        const words = (await readServerLines(location)).map(line => (JSON.parse(line) as SampleEvent).word)
        expect(words.filter(word => word !== 'other')).toEqual(answered)
        proxy.stopFailing()
        await Promise.all([log.close(), other.close()])
      },
    )
  },
  { isLong: true },
)
