import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import { describeEachServer } from '../../packages/event-log-postgres/testing/describe-each-server.ts'
import { createQueue, readServerLines } from './faults/fault-run.ts'
import { parseJournal } from './faults/journal.ts'
import { judge, type JudgedLine } from './faults/judge.ts'
import { bundleWorker, removeWorkerBundle, startWorker } from './faults/workers.ts'
import { createSampleWorkspace } from '../../packages/event-log-postgres/testing/sample-postgres-log.ts'

const root = join(import.meta.dirname, '../..')
const offsetsMs = [-20 * 60_000, 0, 20 * 60_000]
const takeoversMin = 5

/** The claims of tasks whose last claim ended by its lease alone. */
const listTakeovers = (lines: ReadonlyArray<JudgedLine>): ReadonlyArray<JudgedLine> => {
  const lastEvents = new Map<string | undefined, string>()
  return lines.filter(({ task_id: taskId, event }) => {
    const lastEvent = lastEvents.get(taskId)
    lastEvents.set(taskId, event)
    return event === 'claimed' && (lastEvent === 'claimed' || lastEvent === 'renewed')
  })
}

describeEachServer(
  'three workers whose clocks are 20 minutes apart',
  getCluster => {
    afterAll(() => removeWorkerBundle(root))

    it('take over no claim before its lease has expired by the clock of the server, and each of them takes some', async () => {
      const scratch = mkdtempSync(join(tmpdir(), 'claimlog-clocks-'))
      onTestFinished(() => rmSync(scratch, { recursive: true }))
      const location = await createSampleWorkspace(getCluster())
      await createQueue(location)
      const startMs = Date.now()
      const program = bundleWorker(root)
      const workers = offsetsMs.map((clockOffsetMs, i) => {
        const journal = join(scratch, `journal-${i}`)
        const settings = { location, worker: `worker-${i}`, journal, seed: i + 1, clockOffsetMs, lockTimeoutMs: 10_000 }
        return startWorker(program, settings)
      })
      onTestFinished(() => workers.forEach(worker => worker.kill('SIGKILL')))
      const readLines = async (): Promise<ReadonlyArray<JudgedLine>> =>
        (await readServerLines(location)).map(line => JSON.parse(line) as JudgedLine)
      const countTakeovers = async (): Promise<ReadonlyArray<number>> => {
        const takeovers = listTakeovers(await readLines())
        return offsetsMs.map((_, i) => takeovers.filter(({ worker }) => worker === `worker-${i}`).length)
      }
      while (Math.min(...(await countTakeovers())) < takeoversMin) await sleep(200)
      for (const worker of workers) worker.kill('SIGTERM')
      expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual(offsetsMs.map(() => undefined))
      const calls = readdirSync(scratch).flatMap(name => parseJournal(name, readFileSync(join(scratch, name), 'utf8')))
      const evidence = {
        lines: await readLines(),
        calls,
        outages: [],
        lockTimeoutMs: 10_000,
        startMs,
        endMs: Date.now(),
      }
      expect(judge(evidence)).toEqual([])
    })
  },
  { isLong: true },
)
