import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { claimlogPath } from '../support/claimlog-process.ts'
import { startAtBarrier } from '../support/barrier-start.ts'
import { selectCases } from '../support/machine/select-cases.ts'
import { describeEachLog } from '../support/log/each-log.ts'
import { type PrintedClaim, compareTokens, listClaims, numbersFromOne } from '../support/workspace-on-disk.ts'

const program = fileURLToPath(new URL('../programs/claim-until-empty.sh', import.meta.url))
const nothingReady = 3

type PrintedDocument = {
  readonly claim?: { readonly worker: string; readonly token: number }
  readonly task?: { readonly id: string }
}

/** Splits concatenated JSON documents. */
const parseDocuments = (stdout: string): ReadonlyArray<PrintedDocument> =>
  stdout
    .split(/^(?=\{)/m)
    .filter(text => text !== '')
    .map(text => JSON.parse(text) as PrintedDocument)

const parseClaims = (stdout: string): ReadonlyArray<PrintedClaim> =>
  parseDocuments(stdout).flatMap(({ claim, task }) =>
    claim === undefined ? [] : [{ worker: claim.worker, task_id: task?.id ?? '', token: claim.token }],
  )

describeEachLog('a race', ({ size, newWorkspace }) => {
  const tasksPerHeat = size(250, 40)
  /** The long run has eight heats: 2,000 tasks. */
  const heats = selectCases(numbersFromOne(8), size(4, 8))

  describe.each(heats)('heat %d of eight shells that claim through the command line', () => {
    it(`claims each of ${tasksPerHeat} tasks once, in the order of the log`, { timeout: 300_000 }, async () => {
      const place = await newWorkspace()
      const ids = await place.addTasks('task', tasksPerHeat)
      const workers = numbersFromOne(8).map(n => `shell-${n}`)
      const workerArgs = (worker: string) => [program, worker, process.execPath, claimlogPath, ...place.flags]
      const results = await startAtBarrier(
        workers.map(worker => ({ command: '/bin/sh', args: workerArgs(worker) })),
        place.dir,
      )
      expect(results.map(({ status, stderr }) => ({ status, stderr }))).toEqual(
        workers.map(() => ({ status: nothingReady, stderr: '' })),
      )
      const log = await place.readLines()
      const claims = listClaims(log)
      expect(log.map(({ seq }) => seq)).toEqual(numbersFromOne(1 + 2 * tasksPerHeat))
      expect(claims.map(claim => claim.task_id)).toEqual(ids)
      expect(results.flatMap(({ stdout }) => parseClaims(stdout)).sort(compareTokens)).toEqual(claims)
      expect(new Set(claims.map(({ worker }) => worker)).size).toBeGreaterThan(1)
      expect((await place.run(['verify'])).status).toBe(0)
    })
  })
})
