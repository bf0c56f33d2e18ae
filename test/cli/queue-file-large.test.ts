import { readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { derivedFiles } from '@claimlog/queue-file'
import { answer } from '../support/claimlog-process.ts'
import { type CliWorkspace, ndjson, newWorkspace } from '../support/cli-workspace.ts'
import { protocols, startAgent } from '../support/mcp-agent.ts'
import { refreshersOf, seqOfFile, until } from '../support/queue-file.ts'

/** This number of tasks makes a `queue.json` of over 4 MiB, which no command waits for. */
const many = 4500
const payload = 'x'.repeat(1000)
let log: string | undefined

/** The refresher has a low priority on the machine; a test that takes this long hangs. */
const safetyMs = 600_000

/** A large workspace with the `queue.json` from its creation. After the test no refresher is running. */
const largeWorkspace = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  onTestFinished(() => until('no refresher is running', () => killRefreshersOf(workspace) === 0))
  if (log === undefined) {
    const tasks = Array.from({ length: many }, (_, i) => ({ kind: 'docs', task_id: `t${i}`, payload }))
    await workspace.done(['add', '-'], ndjson(...tasks))
    log = workspace.text('events.jsonl')
  } else writeFileSync(join(workspace.dir, 'events.jsonl'), log)
  return workspace
}

const lastSeq = (workspace: CliWorkspace): number => workspace.events().at(-1)?.seq ?? 0

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Kills the refreshers of a workspace, and returns their number. */
const killRefreshersOf = (workspace: CliWorkspace): number => {
  const found = refreshersOf(workspace)
  for (const pid of found) killIfThere(pid)
  return found.length
}

const killIfThere = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}

const isLinux = process.platform === 'linux'
const onLinux = test.skipIf(!isLinux)

test(
  'commands do not wait for a queue.json of over 4 MiB, and it reaches the end of the log by itself',
  { timeout: safetyMs },
  async () => {
    const workspace = await largeWorkspace()
    const before = workspace.text('queue.json')
    const claimed = await workspace.done(['claim', 'ann', 'docs'])
    const held = await workspace.done(['hold', 't7'])
    expect(held['seq']).toBe(Number(claimed['seq']) + 1)
    await until('the file is fresh', () => seqOfFile(workspace) === held['seq'])
    const refreshed = workspace.text('queue.json')
    expect(refreshed).not.toBe(before)
    expect(await workspace.run(['replay', '--check'])).toMatchObject({ status: 0, stderr: '' })
    rmSync(join(workspace.dir, 'queue.json'))
    await workspace.done(['replay', '--json'])
    expect(workspace.text('queue.json')).toBe(refreshed)
  },
)

test(
  'a worker has it refreshed, even if the worker ends before the file is written',
  { timeout: safetyMs },
  async () => {
    const workspace = await largeWorkspace()
    expect(await workspace.run(['work', 'ann', 'docs', '--once', '--', 'true'])).toMatchObject({ status: 0 })
    await until('the file is fresh', () => seqOfFile(workspace) === lastSeq(workspace))
  },
)

test('an MCP server has it refreshed while it is running', { timeout: safetyMs }, async () => {
  const workspace = await largeWorkspace()
  const agent = await startAgent({ ...workspace, protocol: protocols[0] })
  const { seq } = await agent.call('claim_task', { kinds: ['docs'] })
  await until('the file is fresh', () => seqOfFile(workspace) === seq)
})

/** A refresher that was started counts as running for this time, even if the machine is too busy to run it. */
const startingMs = 3000

onLinux(
  'one process updates the file, even after the last of many changes, and then it ends',
  async () => {
    const workspace = await largeWorkspace()
    let most = 0
    const watch = setInterval(() => {
      most = Math.max(most, refreshersOf(workspace).length)
    }, 50)
    onTestFinished(() => clearInterval(watch))
    const startedAtMs = performance.now()
    const finished = await Promise.all(
      Array.from({ length: 12 }, (_, i) => workspace.done(['claim', `worker-${i}`, 'docs'])),
    )
    const tookMs = performance.now() - startedAtMs
    const last = Math.max(...finished.map(({ seq }) => Number(seq)))
    await until('the file is fresh', () => seqOfFile(workspace) === last)
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThanOrEqual(1 + Math.floor(tookMs / startingMs))
    // A command that checks for a refresher now finds it waiting for more events.
    const { seq } = await workspace.done(['claim', 'late', 'docs'])
    await until('the file is fresh again', () => seqOfFile(workspace) === seq)
    await until('no refresher is running', () => refreshersOf(workspace).length === 0)
  },
  safetyMs,
)

onLinux(
  'a process that is killed while it writes the file leaves a valid one, and the next continues',
  async () => {
    const workspace = await largeWorkspace()
    let killed = 0
    for (let times = 0; times < 3; times += 1) {
      await workspace.done(['claim', `worker-${times}`, 'docs'])
      for (let tries = 0; tries < 200 && refreshersOf(workspace).length === 0; tries += 1) await pause(5)
      await pause(20 * times)
      killed += killRefreshersOf(workspace)
      // It is a complete file, either from the creation of the workspace or a later one.
      expect(seqOfFile(workspace)).toBeGreaterThan(0)
    }
    expect(killed).toBeGreaterThan(0)
    // On a busy machine a killed process exists for some time, and must not be counted as the next one.
    await until('no refresher is running', () => refreshersOf(workspace).length === 0)
    // A refresher that was just started counts as running; after that time, a command starts another one.
    let end = 0
    for (let tries = 0; tries < 100 && refreshersOf(workspace).length === 0; tries += 1) {
      end = Number((await workspace.done(['claim', 'next', 'docs']))['seq'])
      await pause(100)
    }
    await until('the file is fresh', () => seqOfFile(workspace) === end)
    expect(readdirSync(workspace.dir)).not.toContain('queue.edited.json')
    expect(await workspace.run(['replay', '--check'])).toMatchObject({ status: 0, stderr: '' })
  },
  safetyMs,
)

test('an edit of a stale file is reported by the next command, and kept', { timeout: safetyMs }, async () => {
  const workspace = await largeWorkspace()
  await workspace.done(['claim', 'ann', 'docs'])
  // A refresher that is writing the file now would overwrite the edit.
  await until('no refresher is running', () => killRefreshersOf(workspace) === 0)
  const startedLongAgo = new Date(0)
  utimesSync(join(workspace.dir, derivedFiles.refresher), startedLongAgo, startedLongAgo)
  const edited = '{"tasks": "mine"}'
  writeFileSync(join(workspace.dir, 'queue.json'), edited)
  const held = await workspace.run(['hold', 't7'])
  expect([held.status, held.stderr]).toEqual([0, expect.stringContaining('claimlog import queue.json')])
  expect(workspace.text('queue.edited.json')).toBe(edited)
  const { seq } = answer(held) as { seq: number }
  await until('the file is there again', () => readdirSync(workspace.dir).includes('queue.json'))
  await until('the file is fresh', () => seqOfFile(workspace) === seq)
})

test('a file that was written without its stamp is not an edit', { timeout: safetyMs }, async () => {
  const workspace = await largeWorkspace()
  rmSync(join(workspace.dir, 'derived', 'queue.stamp'))
  const { seq } = await workspace.done(['claim', 'ann', 'docs'])
  await until('the file is fresh', () => seqOfFile(workspace) === seq)
  expect(readdirSync(workspace.dir)).not.toContain('queue.edited.json')
})

test('if no process can update the file, commands succeed without a message', { timeout: safetyMs }, async () => {
  const workspace = await largeWorkspace()
  await workspace.done(['replay', '--json'])
  const before = workspace.text('queue.json')
  // A file at the path of the folder stops every process, even as root; the information about queue.json is lost with
  // it.
  renameSync(join(workspace.dir, 'derived'), join(workspace.dir, 'elsewhere'))
  writeFileSync(join(workspace.dir, 'derived'), '')
  await workspace.done(['claim', 'ann', 'docs'])
  await workspace.done(['hold', 't7'])
  expect(workspace.text('queue.json')).toBe(before)
})
