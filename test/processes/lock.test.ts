import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { run } from '../support/claimlog-process.ts'
import { startLockingProcess } from '../../packages/event-log-file/testing/log-process.ts'
import { startAtBarrier } from '../support/barrier-start.ts'
import { addTasks, newWorkspace, numbersFromOne } from '../support/workspace-on-disk.ts'

const programPath = (path: string): string => fileURLToPath(new URL(`../programs/${path}`, import.meta.url))
const processes = 8
const seconds = 10

describe('eight processes that claim as fast as they can for ten seconds', () => {
  it('share the lock fairly: none makes more than three times the claims of another', async () => {
    const dir = await newWorkspace()
    await addTasks(dir, 'task', processes)
    const workers = numbersFromOne(processes).map(n => ({
      command: process.execPath,
      args: [programPath('claim-for-a-while.mjs'), dir, `process-${n}`, String(seconds)],
    }))
    const results = await startAtBarrier(workers, dir)
    expect(results.map(({ status, stderr }) => ({ status, stderr }))).toEqual(
      workers.map(() => ({ status: 0, stderr: '' })),
    )
    const claims = results.map(({ stdout }) => Number(stdout))
    expect(Math.max(...claims), claims.join(', ')).toBeLessThanOrEqual(3 * Math.min(...claims))
  })
})

describe('a process that waits for a lock that another process has', () => {
  it('uses less than a twentieth of a core, and on timeout reports the pid of the other', async () => {
    const dir = await newWorkspace()
    const { pid, release } = await startLockingProcess(join(dir, 'events.jsonl'))
    const waitMs = 3000
    const waiter = await run(process.execPath, [programPath('wait-for-the-lock.mjs'), dir, String(waitMs)], {
      cwd: dir,
    })
    const { cpuMs, ...outcome } = JSON.parse(waiter.stdout) as { readonly cpuMs: number }
    expect(outcome).toEqual({ failure: 'LockTimeout', holderPid: process.platform === 'linux' ? pid : undefined })
    expect(cpuMs).toBeLessThan(waitMs / 20)
    await release()
  })
})
