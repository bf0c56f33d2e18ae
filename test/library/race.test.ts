import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { claimlog } from '../support/claimlog-process.ts'
import { startAtBarrier } from '../support/barrier-start.ts'
import {
  addTasks,
  type PrintedClaim,
  compareTokens,
  listClaims,
  readLogLines,
  newWorkspace,
  numbersFromOne,
} from '../support/workspace-on-disk.ts'

const program = fileURLToPath(new URL('../programs/claim-and-complete.mjs', import.meta.url))
const taskCount = 2000

const parseClaims = (stdout: string): ReadonlyArray<PrintedClaim> =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as PrintedClaim)

describe('eight processes that claim and complete 2,000 tasks through the library, some of them both in one step', () => {
  it('claim and complete each task once, in the order of the log', { timeout: 300_000 }, async () => {
    const dir = await newWorkspace()
    const ids = await addTasks(dir, 'task', taskCount)
    const workers = numbersFromOne(8).map(n => `process-${n}`)
    const racers = workers.map(worker => ({ command: process.execPath, args: [program, dir, worker] }))
    const results = await startAtBarrier(racers, dir)
    expect(results.map(({ status, stderr }) => ({ status, stderr }))).toEqual(
      workers.map(() => ({ status: 0, stderr: '' })),
    )
    const log = readLogLines(dir)
    const claims = listClaims(log)
    const completed = log.filter(({ event }) => event === 'completed')
    expect(log.map(({ seq }) => seq)).toEqual(numbersFromOne(1 + 3 * taskCount))
    expect(claims.map(claim => claim.task_id)).toEqual(ids)
    expect(results.flatMap(({ stdout }) => parseClaims(stdout)).sort(compareTokens)).toEqual(claims)
    expect(
      completed.map(({ worker, task_id, token }) => ({ worker, task_id, token }) as PrintedClaim).sort(compareTokens),
    ).toEqual(claims)
    expect(new Set(claims.map(({ worker }) => worker)).size).toBeGreaterThan(1)
    expect(completed.filter(({ more }) => more === true).length).toBeGreaterThan(100)
    expect((await claimlog(['verify', '--dir', dir], { cwd: dir })).status).toBe(0)
  })
})
