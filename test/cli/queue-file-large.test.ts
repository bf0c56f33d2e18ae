import { readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { derivedFiles } from '@claimlog/queue-file'
import { parseOutput } from '../support/claimlog-process.ts'
import { type CliWorkspace, ndjson, newWorkspace } from '../support/cli-workspace.ts'
import { protocols, startAgent } from '../support/mcp-agent.ts'
import { findRefreshers, queueFileSeq, waitUntil } from '../support/queue-file.ts'

/** This number of tasks makes a `queue.json` of over 4 MiB, which no command waits for. */
const largeTaskCount = 4500
const payload = 'x'.repeat(1000)
let log: string | undefined

/** The refresher has a low priority on the machine; a test that takes this long hangs. */
const timeoutMs = 600_000

/** A large workspace with the `queue.json` from its creation. After the test no refresher is running. */
const largeWorkspace = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  onTestFinished(() => waitUntil('no refresher is running', () => killRefreshers(workspace) === 0))
  if (log === undefined) {
    const tasks = Array.from({ length: largeTaskCount }, (_, i) => ({ kind: 'docs', task_id: `t${i}`, payload }))
    await workspace.runOk(['add', '-'], ndjson(...tasks))
    log = workspace.readText('events.jsonl')
  } else writeFileSync(join(workspace.dir, 'events.jsonl'), log)
  return workspace
}

const lastSeq = (workspace: CliWorkspace): number => workspace.readEvents().at(-1)?.seq ?? 0

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Kills the refreshers of a workspace, and returns their number. */
const killRefreshers = (workspace: CliWorkspace): number => {
  const pids = findRefreshers(workspace)
  for (const pid of pids) killIfRunning(pid)
  return pids.length
}

const killIfRunning = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}

const isLinux = process.platform === 'linux'
const testOnLinux = test.skipIf(!isLinux)

test(
  'commands do not wait for a queue.json of over 4 MiB, and it reaches the end of the log by itself',
  { timeout: timeoutMs },
  async () => {
    const workspace = await largeWorkspace()
    const before = workspace.readText('queue.json')
    const claimed = await workspace.runOk(['claim', 'ann', 'docs'])
    const holdResult = await workspace.runOk(['hold', 't7'])
    expect(holdResult['seq']).toBe(Number(claimed['seq']) + 1)
    await waitUntil('the file is fresh', () => queueFileSeq(workspace) === holdResult['seq'])
    const refreshed = workspace.readText('queue.json')
    expect(refreshed).not.toBe(before)
    expect(await workspace.run(['replay', '--check'])).toMatchObject({ status: 0, stderr: '' })
    rmSync(join(workspace.dir, 'queue.json'))
    await workspace.runOk(['replay', '--json'])
    expect(workspace.readText('queue.json')).toBe(refreshed)
  },
)

test(
  'a worker has it refreshed, even if the worker ends before the file is written',
  { timeout: timeoutMs },
  async () => {
    const workspace = await largeWorkspace()
    expect(await workspace.run(['work', 'ann', 'docs', '--once', '--', 'true'])).toMatchObject({ status: 0 })
    await waitUntil('the file is fresh', () => queueFileSeq(workspace) === lastSeq(workspace))
  },
)

test('an MCP server has it refreshed while it is running', { timeout: timeoutMs }, async () => {
  const workspace = await largeWorkspace()
  const agent = await startAgent({ ...workspace, protocol: protocols[0] })
  const { seq } = await agent.call('claim_task', { kinds: ['docs'] })
  await waitUntil('the file is fresh', () => queueFileSeq(workspace) === seq)
})

/** A refresher that was started counts as running for this time, even if the machine is too busy to run it. */
const startGraceMs = 3000

testOnLinux(
  'one process updates the file, even after the last of many changes, and then it ends',
  async () => {
    const workspace = await largeWorkspace()
    let processesMax = 0
    const timer = setInterval(() => {
      processesMax = Math.max(processesMax, findRefreshers(workspace).length)
    }, 50)
    onTestFinished(() => clearInterval(timer))
    const startedAtMs = performance.now()
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, i) => workspace.runOk(['claim', `worker-${i}`, 'docs'])),
    )
    const tookMs = performance.now() - startedAtMs
    const last = Math.max(...results.map(({ seq }) => Number(seq)))
    await waitUntil('the file is fresh', () => queueFileSeq(workspace) === last)
    expect(processesMax).toBeGreaterThan(0)
    expect(processesMax).toBeLessThanOrEqual(1 + Math.floor(tookMs / startGraceMs))
    // A command that checks for a refresher now finds it waiting for more events.
    const { seq } = await workspace.runOk(['claim', 'late', 'docs'])
    await waitUntil('the file is fresh again', () => queueFileSeq(workspace) === seq)
    await waitUntil('no refresher is running', () => findRefreshers(workspace).length === 0)
  },
  timeoutMs,
)

testOnLinux(
  'a process that is killed while it writes the file leaves a valid one, and the next continues',
  async () => {
    const workspace = await largeWorkspace()
    let killed = 0
    for (let round = 0; round < 3; round += 1) {
      await workspace.runOk(['claim', `worker-${round}`, 'docs'])
      for (let tries = 0; tries < 200 && findRefreshers(workspace).length === 0; tries += 1) await pause(5)
      await pause(20 * round)
      killed += killRefreshers(workspace)
      // It is a complete file, either from the creation of the workspace or a later one.
      expect(queueFileSeq(workspace)).toBeGreaterThan(0)
    }
    expect(killed).toBeGreaterThan(0)
    // On a busy machine a killed process exists for some time, and must not be counted as the next one.
    await waitUntil('no refresher is running', () => findRefreshers(workspace).length === 0)
    // A refresher that was just started counts as running; after that time, a command starts another one.
    let end = 0
    for (let tries = 0; tries < 100 && findRefreshers(workspace).length === 0; tries += 1) {
      end = Number((await workspace.runOk(['claim', 'next', 'docs']))['seq'])
      await pause(100)
    }
    await waitUntil('the file is fresh', () => queueFileSeq(workspace) === end)
    expect(readdirSync(workspace.dir)).not.toContain('queue.edited.json')
    expect(await workspace.run(['replay', '--check'])).toMatchObject({ status: 0, stderr: '' })
  },
  timeoutMs,
)

test('an edit of a stale file is reported by the next command, and kept', { timeout: timeoutMs }, async () => {
  const workspace = await largeWorkspace()
  await workspace.runOk(['claim', 'ann', 'docs'])
  // A refresher that is writing the file now would overwrite the edit.
  await waitUntil('no refresher is running', () => killRefreshers(workspace) === 0)
  const longAgo = new Date(0)
  utimesSync(join(workspace.dir, derivedFiles.refresher), longAgo, longAgo)
  const edited = '{"tasks": "mine"}'
  writeFileSync(join(workspace.dir, 'queue.json'), edited)
  const holdResult = await workspace.run(['hold', 't7'])
  expect([holdResult.status, holdResult.stderr]).toEqual([0, expect.stringContaining('claimlog import queue.json')])
  expect(workspace.readText('queue.edited.json')).toBe(edited)
  const { seq } = parseOutput(holdResult) as { seq: number }
  await waitUntil('the file is there again', () => readdirSync(workspace.dir).includes('queue.json'))
  await waitUntil('the file is fresh', () => queueFileSeq(workspace) === seq)
})

test('a file that was written without its stamp is not an edit', { timeout: timeoutMs }, async () => {
  const workspace = await largeWorkspace()
  rmSync(join(workspace.dir, 'derived', 'queue.stamp'))
  const { seq } = await workspace.runOk(['claim', 'ann', 'docs'])
  await waitUntil('the file is fresh', () => queueFileSeq(workspace) === seq)
  expect(readdirSync(workspace.dir)).not.toContain('queue.edited.json')
})

test('if no process can update the file, commands succeed without a message', { timeout: timeoutMs }, async () => {
  const workspace = await largeWorkspace()
  await workspace.runOk(['replay', '--json'])
  const before = workspace.readText('queue.json')
  // A file at the path of the folder stops every process, even as root; the information about queue.json is lost with
  // it.
  renameSync(join(workspace.dir, 'derived'), join(workspace.dir, 'elsewhere'))
  writeFileSync(join(workspace.dir, 'derived'), '')
  await workspace.runOk(['claim', 'ann', 'docs'])
  await workspace.runOk(['hold', 't7'])
  expect(workspace.readText('queue.json')).toBe(before)
})
