import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import { type Event, lineCodec } from '@claimlog/domain'
import { openWorkspace } from '@claimlog/workspace'
import { openPostgresLog } from '../../../packages/event-log-postgres/src/index.ts'
import { describeEachServer } from '../../../packages/event-log-postgres/testing/describe-each-server.ts'
import { readServerLines } from '../faults/fault-run.ts'
import { bundleWorker, removeWorkerBundle, startWorker } from '../faults/workers.ts'
import { createServerQueue, waitUntil } from './server-queue.ts'

const root = join(import.meta.dirname, '../../..')

describeEachServer(
  'a command that takes longer to decide than a turn may stand still',
  getCluster => {
    afterAll(() => removeWorkerBundle(root))

    it('succeeds among workers that are always faster', async () => {
      const { location } = await createServerQueue(getCluster())
      const scratch = mkdtempSync(join(tmpdir(), 'claimlog-slow-'))
      onTestFinished(() => rmSync(scratch, { recursive: true }))
      const program = bundleWorker(root)
      const workers = ['ann', 'bob', 'eve'].map((worker, i) =>
        startWorker(program, {
          ...{ location, worker, journal: join(scratch, worker), seed: i + 1, clockOffsetMs: 0, lockTimeoutMs: 60_000 },
        }),
      )
      onTestFinished(() => workers.forEach(worker => worker.kill('SIGKILL')))
      const countLines = async (): Promise<number> => (await readServerLines(location)).length
      await waitUntil(async () => (await countLines()) > 100)
      const log = await openPostgresLog<Event>({ location, codec: lineCodec, lockTimeoutMs: 60_000 })()
      if (E.isLeft(log)) throw new Error(JSON.stringify(log.left))
      const queue = openWorkspace({ log: log.right })
      const tasks = Array.from({ length: 30_000 }, () => ({ kind: 'bulk' }))
      expect(await queue.run({ command: 'add', tasks })()).toMatchObject({ _tag: 'Right' })
      await queue.close()
      for (const worker of workers) worker.kill('SIGTERM')
      expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual([undefined, undefined, undefined])
      const added = (await readServerLines(location)).filter(line => line.includes('"kind":"bulk"'))
      expect(added.length).toBe(tasks.length)
    })
  },
  { isLong: true },
)
