import { describe, expect, it } from 'vitest'
import { claimlogPath, run } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'

/** The lease that each renewal granted, in milliseconds; null: without an end. */
const renewedLeases = (workspace: CliWorkspace): ReadonlyArray<number | null> =>
  workspace
    .readEvents()
    .filter(({ event, progress }) => event === 'renewed' && progress !== undefined)
    .map(({ time, lease_until: until }) => (until === null ? null : Date.parse(until as string) - Date.parse(time)))

/** A workspace with a task that a worker claimed with `words`, and whose command reported progress. */
const renewInCommand = async (...words: ReadonlyArray<string>): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 'task'])
  const command = ['--', process.execPath, claimlogPath, 'renew', '--progress', '"half"']
  const result = await run(process.execPath, [claimlogPath, 'work', 'ann', '--once', ...words, ...command], workspace)
  expect(result).toMatchObject({ status: 0 })
  return workspace
}

describe('a command that reports progress, under a worker', () => {
  it('renews its claim by the lease of its worker, and no longer', async () => {
    expect(renewedLeases(await renewInCommand('--lease', '5m'))).toEqual([5 * 60_000])
    expect(renewedLeases(await renewInCommand())).toEqual([15 * 60_000])
  })

  it('leaves a claim without an end unchanged', async () => {
    expect(renewedLeases(await renewInCommand('--lease', 'none'))).toEqual([null])
  })

  it('can choose another lease', async () => {
    const workspace = await newWorkspace()
    await workspace.runOk(['add', 'docs', 'task'])
    await workspace.runOk(['claim', 'ann', '--lease', '1m'])
    const env = { CLAIMLOG_LEASE: '2m', CLAIMLOG_WORKER: 'ann', CLAIMLOG_TASK_ID: 'task' }
    const renew = (...words: ReadonlyArray<string>) => workspace.run(['renew', ...words], { env })
    expect(await renew('--progress', '1')).toMatchObject({ status: 0 })
    expect(await renew('--progress', '2', '--lease', '3m')).toMatchObject({ status: 0 })
    expect(renewedLeases(workspace)).toEqual([2 * 60_000, 3 * 60_000])
  })
})
