import { readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { derivedFiles } from '@claimlog/queue-file'
import { answer } from '../support/claimlog-process.ts'
import { type CliWorkspace, ndjson, newWorkspace } from '../support/cli-workspace.ts'
import { protocols, startAgent } from '../support/mcp-agent.ts'
import { refreshersOf, seqOfFile, until } from '../support/queue-file.ts'

/** So many tasks have a `queue.json` of over 4 MiB, which no command waits for. */
const many = 4500
const payload = 'x'.repeat(1000)
let log: string | undefined

/** Whoever writes the file gives way to everybody else on the machine; whatever takes this long hangs. */
const safetyMs = 600_000

/** A workspace that is so large, with the `queue.json` of when it was opened. Nobody is left at it after the test. */
const largeWorkspace = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  onTestFinished(() => until('nobody is left', () => killRefreshersOf(workspace) === 0))
  if (log === undefined) {
    const tasks = Array.from({ length: many }, (_, i) => ({ kind: 'docs', task_id: `t${i}`, payload }))
    await workspace.done(['add', '-'], ndjson(...tasks))
    log = workspace.text('events.jsonl')
  } else writeFileSync(join(workspace.dir, 'events.jsonl'), log)
  return workspace
}

const lastSeq = (workspace: CliWorkspace): number => workspace.events().at(-1)?.seq ?? 0

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Kills whoever is at it, and answers how many were. */
const killRefreshersOf = (workspace: CliWorkspace): number => {
  const found = refreshersOf(workspace)
  for (const pid of found) killIfThere(pid)
  return found.length
}

const killIfThere = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended since.
  }
}

const isLinux = process.platform === 'linux'
const onLinux = test.skipIf(!isLinux)

test(
  'where it has more than 4 MiB, queue.json is not waited for, and reaches the end of the log by itself',
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
  'a worker has it follow, also one that ends sooner than a long one would write it',
  { timeout: safetyMs },
  async () => {
    const workspace = await largeWorkspace()
    expect(await workspace.run(['work', 'ann', 'docs', '--once', '--', 'true'])).toMatchObject({ status: 0 })
    await until('the file is fresh', () => seqOfFile(workspace) === lastSeq(workspace))
  },
)

test('a server for agents has it follow while it runs', { timeout: safetyMs }, async () => {
  const workspace = await largeWorkspace()
  const agent = await startAgent({ ...workspace, protocol: protocols[0] })
  const { seq } = await agent.call('claim_task', { kinds: ['docs'] })
  await until('the file is fresh', () => seqOfFile(workspace) === seq)
})

/** One that was started counts as there for so long, also where the machine is too busy for it to begin. */
const startingMs = 3000

onLinux(
  'one process brings the file up to date, also after the last of many changes, and then it ends',
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
    // Whoever looks for one now finds it waiting for more to come.
    const { seq } = await workspace.done(['claim', 'late', 'docs'])
    await until('the file is fresh again', () => seqOfFile(workspace) === seq)
    await until('nobody is at it any more', () => refreshersOf(workspace).length === 0)
  },
  safetyMs,
)

onLinux(
  'a process that is killed while it writes the file leaves one that is right, and the next takes over',
  async () => {
    const workspace = await largeWorkspace()
    let killed = 0
    for (let times = 0; times < 3; times += 1) {
      await workspace.done(['claim', `worker-${times}`, 'docs'])
      for (let tries = 0; tries < 200 && refreshersOf(workspace).length === 0; tries += 1) await pause(5)
      await pause(20 * times)
      killed += killRefreshersOf(workspace)
      // Whole, whichever it is: that of when the workspace was opened, or a later one.
      expect(seqOfFile(workspace)).toBeGreaterThan(0)
    }
    expect(killed).toBeGreaterThan(0)
    // On a busy machine one that was killed is there for a while yet, and must not pass for the next.
    await until('nobody is at it', () => refreshersOf(workspace).length === 0)
    // One that was started a moment ago counts as there; once it does not, a command starts another.
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

test(
  'an edit by hand of a file that is behind is told of by the next command, and kept',
  { timeout: safetyMs },
  async () => {
    const workspace = await largeWorkspace()
    await workspace.done(['claim', 'ann', 'docs'])
    // Whoever writes the file at the moment of the edit would write over it.
    await until('nobody is at it', () => killRefreshersOf(workspace) === 0)
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
  },
)

test('a file that was written and not stamped is no edit', { timeout: safetyMs }, async () => {
  const workspace = await largeWorkspace()
  rmSync(join(workspace.dir, 'derived', 'queue.stamp'))
  const { seq } = await workspace.done(['claim', 'ann', 'docs'])
  await until('the file is fresh', () => seqOfFile(workspace) === seq)
  expect(readdirSync(workspace.dir)).not.toContain('queue.edited.json')
})

test(
  'where nobody can bring the file up to date, commands are done, and quiet about it',
  { timeout: safetyMs },
  async () => {
    const workspace = await largeWorkspace()
    await workspace.done(['replay', '--json'])
    const before = workspace.text('queue.json')
    // A file where the folder should be stops everybody, root included; what is known of queue.json is lost with it.
    renameSync(join(workspace.dir, 'derived'), join(workspace.dir, 'elsewhere'))
    writeFileSync(join(workspace.dir, 'derived'), '')
    await workspace.done(['claim', 'ann', 'docs'])
    await workspace.done(['hold', 't7'])
    expect(workspace.text('queue.json')).toBe(before)
  },
)
