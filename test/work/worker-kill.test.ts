import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { claimlogPath, cleanEnvironment } from '../support/claimlog-process.ts'
import { type CliWorkspace, ndjson, newWorkspace } from '../support/cli-workspace.ts'
import { seededRandom } from '../programs/seeded-random.mjs'

/** `CLAIMLOG_KILLS=50` takes some minutes. */
const killCount = Number(process.env['CLAIMLOG_KILLS'] ?? 10)
const seed = Number(process.env['CLAIMLOG_SEED'] ?? 20_261_129)

const ids = Array.from({ length: 60 }, (_, i) => `t${i}`)

/**
 * Starts processes in the same session and in new sessions, which `mark` identifies, and may be killed at any of its
 * lines.
 */
const command = (mark: string): ReadonlyArray<string> => [
  'sh',
  '-c',
  `sleep 300 & setsid sh -c 'sleep 300; : ${mark}' & sleep 0.05; echo 1 > "$CLAIMLOG_RESULT"; : ${mark}`,
]

const listProcesses = (mark: string): ReadonlyArray<string> =>
  execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8', maxBuffer: 1 << 26 })
    .split('\n')
    .filter(line => line.includes(mark))

/** Starts a worker and kills it after some time. */
const killWorkerLater = async ({ cwd }: CliWorkspace, folder: string, mark: string, afterMs: number): Promise<void> => {
  const words = ['work', 'ann', 'docs', '-j', '3', '--', ...command(mark)]
  const env = cleanEnvironment({ TMPDIR: folder })
  const worker = spawn(process.execPath, [claimlogPath, ...words], { cwd, env, stdio: 'ignore', detached: true })
  const exit = once(worker, 'exit')
  await sleep(afterMs)
  worker.kill('SIGKILL')
  await exit
}

const listIds = (workspace: CliWorkspace, event: string): ReadonlyArray<unknown> =>
  workspace
    .readEvents()
    .filter(line => line.event === event)
    .map(({ task_id: id }) => id)

describe(`a worker that is killed ${killCount} times, at any point (seed ${seed})`, () => {
  test(
    'leaves no process, no folder after the next worker, and every task to be done once',
    { timeout: 120_000 + killCount * 10_000 },
    async () => {
      const workspace = await newWorkspace()
      const folder = join(workspace.cwd, 'tmp')
      mkdirSync(folder, { mode: 0o700 })
      const tasks = ids.map(id => ({ kind: 'docs', task_id: id, max_attempts: 100, lease_ms: 1500 }))
      await workspace.runOk(['add', '-'], ndjson(...tasks))
      const random = seededRandom(seed)
      const mark = `claimlog-test-${process.pid}-${seed}`
      for (let kill = 0; kill < killCount; kill += 1) {
        await killWorkerLater(workspace, folder, mark, random.between(50, 900))
        await expect.poll(() => listProcesses(mark), { timeout: 30_000 }).toEqual([])
        expect((await workspace.run(['verify'])).status).toBe(0)
      }
      const env = { TMPDIR: folder }
      const last = await workspace.run(['work', 'bob', 'docs', '-j', '4', '--until-empty', '--', 'true'], { env })
      expect({ status: last.status, remaining: readdirSync(folder) }).toEqual({ status: 0, remaining: [] })
      expect([...listIds(workspace, 'completed')].sort()).toEqual([...ids].sort())
      expect(listIds(workspace, 'failed')).toEqual([])
      expect(await workspace.run(['replay', '--check'])).toMatchObject({ status: 0, stderr: '' })
    },
  )
})
