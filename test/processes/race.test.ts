import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { claimlog, claimlogPath } from '../support/claimlog-process.ts'
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

const program = fileURLToPath(new URL('../programs/claim-until-empty.sh', import.meta.url))
const tasksInHeat = 250
const nothingReady = 3

type Printed = {
  readonly claim?: { readonly worker: string; readonly token: number }
  readonly task?: { readonly id: string }
}

/** Splits concatenated JSON documents. */
const documentsOf = (stdout: string): ReadonlyArray<Printed> =>
  stdout
    .split(/^(?=\{)/m)
    .filter(text => text !== '')
    .map(text => JSON.parse(text) as Printed)

const claimsOf = (stdout: string): ReadonlyArray<AnsweredClaim> =>
  documentsOf(stdout).flatMap(({ claim, task }) =>
    claim === undefined ? [] : [{ worker: claim.worker, task_id: task?.id ?? '', token: claim.token }],
  )

/** The cost of a claim grows with the workspace, so the tasks are claimed in eight heats of 250. */
describe.each(upTo(8))('heat %d of eight shells that claim 2,000 tasks through the command line', () => {
  it('claims each task once, in the order of the log', { timeout: 300_000 }, async () => {
    const dir = await newWorkspace()
    const ids = await addTasks(dir, 'task', tasksInHeat)
    const workers = upTo(8).map(n => `shell-${n}`)
    const words = (worker: string) => [program, worker, process.execPath, claimlogPath, dir]
    const finished = await startAtABarrier(
      workers.map(worker => ({ command: '/bin/sh', words: words(worker) })),
      dir,
    )
    expect(finished.map(({ status, stderr }) => ({ status, stderr }))).toEqual(
      workers.map(() => ({ status: nothingReady, stderr: '' })),
    )
    const log = logOf(dir)
    const claims = claimsIn(log)
    expect(log.map(({ seq }) => seq)).toEqual(upTo(1 + 2 * tasksInHeat))
    expect(claims.map(claim => claim.task_id)).toEqual(ids)
    expect(finished.flatMap(({ stdout }) => claimsOf(stdout)).sort(byToken)).toEqual(claims)
    expect(new Set(claims.map(({ worker }) => worker)).size).toBeGreaterThan(1)
    expect((await claimlog(['verify', '--dir', dir], { cwd: dir })).status).toBe(0)
  })
})
