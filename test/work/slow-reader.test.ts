import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it, onTestFinished, vi } from 'vitest'
import { claimlogPath, cleanEnvironment } from '../support/claimlog-process.ts'
import { newWorkspace } from '../support/cli-workspace.ts'

it('a worker whose output is not read keeps its claim, and continues when it is read', async () => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 'task'])
  const count = (event: string): number => workspace.readEvents().filter(line => line.event === event).length
  const flood = ['/bin/sh', '-c', 'yes "a line of the output of a build" | head -n 60000 >&2']
  const worker = spawn(
    process.execPath,
    [claimlogPath, 'work', 'ann', '--once', '--json', '--lease', '3s', '--', ...flood],
    {
      cwd: workspace.cwd,
      env: cleanEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  onTestFinished(() => void worker.kill('SIGKILL'))
  await vi.waitFor(() => expect(count('renewed')).toBeGreaterThan(3), { timeout: 60_000, interval: 100 })
  expect(count('completed')).toBe(0)
  let lines = 0
  worker.stderr.on('data', (chunk: Buffer) => (lines += chunk.toString('latin1').split('\n').length - 1))
  expect(await once(worker, 'close')).toEqual([0, null])
  expect(lines).toBe(60_000)
  expect(count('completed')).toBe(1)
})
