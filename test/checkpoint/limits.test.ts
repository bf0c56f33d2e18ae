import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { claimlogPath, cleanEnvironment, run, temporaryDirectory } from '../support/claimlog-process.ts'
import type { CliWorkspace } from '../support/cli-workspace.ts'
import { itIfPossible, programMissing } from '../support/machine/it-if-possible.ts'
import { mountTmpfs, mountMissing } from '../support/machine/file-system.ts'
import { selectCases } from '../support/machine/select-cases.ts'
import {
  maskVolatile,
  derivedPath,
  expectAnswersMatchLog,
  expectCheckpointMatchesLog,
  newLongLog,
  findTreePath,
  copyLogOnly,
} from '../support/long-log.ts'

const openMany = fileURLToPath(new URL('../programs/open-many.mjs', import.meta.url))

/** A test that takes this long hangs. */
const timeoutMs = 600_000

/** Runs a command with resource limits of the shell. */
const runWithLimits = ({ dir }: CliWorkspace, limits: string, ...args: ReadonlyArray<string>) =>
  run('sh', ['-c', `${limits}; exec "$@"`, 'sh', process.execPath, claimlogPath, '--dir', dir, ...args], { cwd: dir })

const procMissing = programMissing('test', '-d', '/proc/self/fd')

// Node itself needs more than 1 GiB of address space to start.
const limits = ['ulimit -v 2097152', 'ulimit -v 4194304', 'ulimit -n 32', 'ulimit -n 64', 'ulimit -v 8388608']

describe('a checkpoint crashes no process', () => {
  test.each(selectCases(limits, 2))('with %s, and the answers are those of the log', async limit => {
    const workspace = await newLongLog()
    const result = await runWithLimits(workspace, limit, 'claim', 'bob', 'ci')
    expect(result).toMatchObject({ status: 0, stderr: '' })
    expect(JSON.parse(result.stdout)).toMatchObject({ task: { id: 't1' }, seq: 4203 })
    // Also saves a checkpoint.
    rmSync(derivedPath(workspace), { recursive: true })
    expect(await runWithLimits(workspace, limit, 'claim', 'bob', 'ci')).toMatchObject({ status: 0, stderr: '' })
    expect(await runWithLimits(workspace, limit, 'replay', '--check')).toMatchObject({ status: 0 })
    await expectAnswersMatchLog(workspace)
  })

  itIfPossible(procMissing)('in a program that opens five hundred workspaces and closes them', async () => {
    const { dir } = await newLongLog()
    const { status, stdout, stderr } = await run(process.execPath, [openMany, dir, '500'], { cwd: dir })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const { before, after } = JSON.parse(stdout) as Record<'before' | 'after', { descriptors: number; maps: number }>
    expect(after.descriptors).toBeLessThan(before.descriptors + 10)
    expect(after.maps).toBe(0)
  })

  test(
    'that has it open while it is deleted, truncated and restored two hundred times',
    async () => {
      const workspace = await newLongLog()
      const copy = join(temporaryDirectory(), 'copy')
      cpSync(derivedPath(workspace), copy, { recursive: true })
      const workers = Array.from({ length: 3 }, (_, i) => runWorker(workspace, `w${i}`, 40))
      let areFinished = false
      const all = Promise.all(workers).finally(() => (areFinished = true))
      for (let round = 0; round < 200 && !areFinished; round += 1) {
        disturbDerived(workspace, copy, round)
        await sleep(20)
      }
      expect(await all).toEqual(workers.map(() => ({ status: 0, signal: null })))
      const ids = readFileSync(join(workspace.dir, 'events.jsonl'), 'utf8')
        .split('\n')
        .filter(line => line.includes('"event":"claimed","worker":"w'))
        .map(line => (JSON.parse(line) as { task_id: string }).task_id)
      expect(ids).toHaveLength(120)
      expect(new Set(ids).size).toBe(120)
      rmSync(derivedPath(workspace), { recursive: true, force: true })
      await expectAnswersMatchLog(workspace)
      await expectCheckpointMatchesLog(workspace)
    },
    timeoutMs,
  )

  itIfPossible(mountMissing('tmpfs'))('if the disk fills up while it grows', async () => {
    const workspace = await newLongLog()
    const savedCopy = join(temporaryDirectory(), 'copy')
    cpSync(derivedPath(workspace), savedCopy, { recursive: true })
    rmSync(derivedPath(workspace), { recursive: true })
    const usedKib =
      readdirSync(savedCopy).length * 4 +
      Math.ceil(readFileSync(join(savedCopy, treeFileName(savedCopy))).length / 1024)
    for (const extraKib of [8, 64, 256]) {
      const unmount = mountTmpfs(derivedPath(workspace), usedKib + extraKib)
      cpSync(savedCopy, derivedPath(workspace), { recursive: true })
      expect((await workspace.run(['add', '-'], { input: '{"kind": "art"}\n'.repeat(600) })).status).toBe(0)
      expect((await workspace.run(['claim', 'bob', 'ci'])).status).toBe(0)
      const logOnly = copyLogOnly(workspace)
      const [actual, expected] = [await workspace.run(['list', '--json']), await logOnly.run(['list', '--json'])]
      expect([actual.status, maskVolatile(actual.stdout)]).toEqual([expected.status, maskVolatile(expected.stdout)])
      unmount()
    }
  })
})

const treeFileName = (folder: string): string => readdirSync(folder).find(name => name.endsWith('.tree')) ?? 'none'

/** Deletes or truncates the derived files, or restores an old copy of them. */
const disturbDerived = (workspace: CliWorkspace, copy: string, round: number): void => {
  try {
    if (round % 4 === 1) truncateSync(findTreePath(workspace), 1000 * (round % 700))
    else rmSync(derivedPath(workspace), { recursive: true, force: true })
    if (round % 4 === 2) cpSync(copy, derivedPath(workspace), { recursive: true })
  } catch {
    // A worker has created the file in the meantime, or there is none yet.
  }
}

/** Runs a worker that claims and completes `tasks` tasks in one process. */
const runWorker = async ({ dir }: CliWorkspace, worker: string, tasks: number) => {
  const args = ['--dir', dir, 'work', worker, 'ci', '--max-tasks', String(tasks), '--quiet', '--', 'true']
  const child = spawn(process.execPath, [claimlogPath, ...args], { env: cleanEnvironment() })
  child.stdout.resume()
  child.stderr.resume()
  const [status, signal] = (await once(child, 'close')) as [number | null, string | null]
  return { status, signal }
}

describe('a link at the path of the directory of derived files', () => {
  test('is not followed: nothing is written to its target, and the answers are the same', async () => {
    const workspace = await newLongLog()
    rmSync(derivedPath(workspace), { recursive: true })
    const linkTarget = join(temporaryDirectory(), 'elsewhere')
    mkdirSync(linkTarget)
    symlinkSync(linkTarget, derivedPath(workspace))
    for (const args of [
      ['claim', 'bob', 'ci'],
      ['note', 't5', 'hello'],
      ['list', '--json'],
      ['replay', '--json'],
    ]) {
      const { status, stderr } = await workspace.run(args)
      expect({ args, status }).toEqual({ args, status: args[0] === 'replay' ? 1 : 0 })
      if (args[0] === 'claim') expect(stderr).toContain('derived is a symbolic link, which is not followed')
    }
    const { stdout } = await workspace.run(['doctor', '--json'])
    expect(stdout).toContain('derived is a symbolic link, which is not followed')
    expect(readdirSync(linkTarget)).toEqual([])
  })
})
