import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { claimlog } from '../support/claimlog-process.ts'
import { startAtABarrier } from '../support/start-at-a-barrier.ts'
import {
  addTasks,
  type AnsweredClaim,
  byToken,
  claimsIn,
  logOf,
  newWorkspace,
  upTo,
} from '../support/workspace-on-disk.ts'

const program = fileURLToPath(new URL('../programs/claim-and-complete.mjs', import.meta.url))
const taskCount = 2000

const claimsOf = (stdout: string): ReadonlyArray<AnsweredClaim> =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as AnsweredClaim)

describe('eight processes that claim and complete 2,000 tasks through the library, some of them both in one step', () => {
  it('claim and complete each task once, in the order of the log', { timeout: 300_000 }, async () => {
    const dir = await newWorkspace()
    const ids = await addTasks(dir, 'task', taskCount)
    const workers = upTo(8).map(n => `process-${n}`)
    const racers = workers.map(worker => ({ command: process.execPath, words: [program, dir, worker] }))
    const finished = await startAtABarrier(racers, dir)
    expect(finished.map(({ status, stderr }) => ({ status, stderr }))).toEqual(
      workers.map(() => ({ status: 0, stderr: '' })),
    )
    const log = logOf(dir)
    const claims = claimsIn(log)
    const completed = log.filter(({ event }) => event === 'completed')
    expect(log.map(({ seq }) => seq)).toEqual(upTo(1 + 3 * taskCount))
    expect(claims.map(claim => claim.task_id)).toEqual(ids)
    expect(finished.flatMap(({ stdout }) => claimsOf(stdout)).sort(byToken)).toEqual(claims)
    expect(
      completed.map(({ worker, task_id, token }) => ({ worker, task_id, token }) as AnsweredClaim).sort(byToken),
    ).toEqual(claims)
    expect(new Set(claims.map(({ worker }) => worker)).size).toBeGreaterThan(1)
    expect(completed.filter(({ more }) => more === true).length).toBeGreaterThan(100)
    expect((await claimlog(['verify', '--dir', dir], { cwd: dir })).status).toBe(0)
  })
})
