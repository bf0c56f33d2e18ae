import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { startAtBarrier } from '../support/barrier-start.ts'
import { describeEachLog } from '../support/log/each-log.ts'
import { type PrintedClaim, compareTokens, listClaims, numbersFromOne } from '../support/workspace-on-disk.ts'

const program = fileURLToPath(new URL('../programs/claim-and-complete.mjs', import.meta.url))

const parseClaims = (stdout: string): ReadonlyArray<PrintedClaim> =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as PrintedClaim)

describeEachLog('eight processes that use the library, some of them to complete and claim in one step', log => {
  const taskCount = log.size(2000, 400)

  it(`claim and complete each of ${taskCount} tasks once, in the order of the log`, { timeout: 300_000 }, async () => {
    const place = await log.newWorkspace()
    const ids = await place.addTasks('task', taskCount)
    const workers = numbersFromOne(8).map(n => `process-${n}`)
    const racers = workers.map(worker => ({ command: process.execPath, args: [program, place.address, worker] }))
    const results = await startAtBarrier(racers, place.dir)
    expect(results.map(({ status, stderr }) => ({ status, stderr }))).toEqual(
      workers.map(() => ({ status: 0, stderr: '' })),
    )
    const lines = await place.readLines()
    const claims = listClaims(lines)
    const completed = lines.filter(({ event }) => event === 'completed')
    expect(lines.map(({ seq }) => seq)).toEqual(numbersFromOne(1 + 3 * taskCount))
    expect(claims.map(claim => claim.task_id)).toEqual(ids)
    expect(results.flatMap(({ stdout }) => parseClaims(stdout)).sort(compareTokens)).toEqual(claims)
    expect(
      completed.map(({ worker, task_id, token }) => ({ worker, task_id, token }) as PrintedClaim).sort(compareTokens),
    ).toEqual(claims)
    expect(new Set(claims.map(({ worker }) => worker)).size).toBeGreaterThan(1)
    expect(completed.filter(({ more }) => more === true).length).toBeGreaterThan(taskCount / 20)
    expect((await place.run(['verify'])).status).toBe(0)
  })
})
