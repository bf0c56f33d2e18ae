import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { claimlogPath, cleanEnvironment, run, temporaryDirectory } from '../support/claimlog-process.ts'
import type { CliWorkspace } from '../support/cli-workspace.ts'
import { itWherePossible, programMissing } from '../support/machine/it-where-possible.ts'
import { mountedOver, mountMissing } from '../support/machine/file-system.ts'
import {
  comparable,
  derivedOf,
  expectAnswersOfItsLog,
  expectKeptAsItsLog,
  longLog,
  storeOf,
  withoutDerived,
} from '../support/long-log.ts'

const openMany = fileURLToPath(new URL('../programs/open-many.mjs', import.meta.url))

/** A test that takes this long hangs. */
const safetyMs = 600_000

/** Runs a command with resource limits of the shell. */
const limited = ({ dir }: CliWorkspace, limits: string, ...words: ReadonlyArray<string>) =>
  run('sh', ['-c', `${limits}; exec "$@"`, 'sh', process.execPath, claimlogPath, '--dir', dir, ...words], { cwd: dir })

const procMissing = programMissing('test', '-d', '/proc/self/fd')

describe('a checkpoint crashes no process', () => {
  // Node itself needs more than 1 GiB of address space to start.
  test.each(['ulimit -v 8388608', 'ulimit -v 4194304', 'ulimit -v 2097152', 'ulimit -n 64', 'ulimit -n 32'])(
    'with %s, and the answers are those of the log',
    async limits => {
      const workspace = await longLog()
      const claimed = await limited(workspace, limits, 'claim', 'bob', 'ci')
      expect(claimed).toMatchObject({ status: 0, stderr: '' })
      expect(JSON.parse(claimed.stdout)).toMatchObject({ task: { id: 't1' }, seq: 4203 })
      // Also saves a checkpoint.
      rmSync(derivedOf(workspace), { recursive: true })
      expect(await limited(workspace, limits, 'claim', 'bob', 'ci')).toMatchObject({ status: 0, stderr: '' })
      expect(await limited(workspace, limits, 'replay', '--check')).toMatchObject({ status: 0 })
      await expectAnswersOfItsLog(workspace)
    },
  )

  itWherePossible(procMissing)('in a program that opens five hundred workspaces and closes them', async () => {
    const { dir } = await longLog()
    const { status, stdout, stderr } = await run(process.execPath, [openMany, dir, '500'], { cwd: dir })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const { before, after } = JSON.parse(stdout) as Record<'before' | 'after', { descriptors: number; maps: number }>
    expect(after.descriptors).toBeLessThan(before.descriptors + 10)
    expect(after.maps).toBe(0)
  })

  test(
    'that has it open while it is deleted, truncated and restored two hundred times',
    async () => {
      const workspace = await longLog()
      const copy = join(temporaryDirectory(), 'copy')
      cpSync(derivedOf(workspace), copy, { recursive: true })
      const works = Array.from({ length: 3 }, (_, i) => workFor(workspace, `w${i}`, 40))
      let ended = false
      const all = Promise.all(works).finally(() => (ended = true))
      for (let time = 0; time < 200 && !ended; time += 1) {
        disturb(workspace, copy, time)
        await sleep(20)
      }
      expect(await all).toEqual(works.map(() => ({ status: 0, signal: null })))
      const ids = readFileSync(join(workspace.dir, 'events.jsonl'), 'utf8')
        .split('\n')
        .filter(line => line.includes('"event":"claimed","worker":"w'))
        .map(line => (JSON.parse(line) as { task_id: string }).task_id)
      expect(ids).toHaveLength(120)
      expect(new Set(ids).size).toBe(120)
      rmSync(derivedOf(workspace), { recursive: true, force: true })
      await expectAnswersOfItsLog(workspace)
      await expectKeptAsItsLog(workspace)
    },
    safetyMs,
  )

  itWherePossible(mountMissing('tmpfs'))('if the disk fills up while it grows', async () => {
    const workspace = await longLog()
    const kept = join(temporaryDirectory(), 'kept')
    cpSync(derivedOf(workspace), kept, { recursive: true })
    rmSync(derivedOf(workspace), { recursive: true })
    const used = readdirSync(kept).length * 4 + Math.ceil(readFileSync(join(kept, storeIn(kept))).length / 1024)
    for (const more of [8, 64, 256]) {
      const unmount = mountedOver(derivedOf(workspace), used + more)
      cpSync(kept, derivedOf(workspace), { recursive: true })
      expect((await workspace.run(['add', '-'], { input: '{"kind": "art"}\n'.repeat(600) })).status).toBe(0)
      expect((await workspace.run(['claim', 'bob', 'ci'])).status).toBe(0)
      const twin = withoutDerived(workspace)
      const [there, here] = [await workspace.run(['list', '--json']), await twin.run(['list', '--json'])]
      expect([there.status, comparable(there.stdout)]).toEqual([here.status, comparable(here.stdout)])
      unmount()
    }
  })
})

const storeIn = (folder: string): string => readdirSync(folder).find(name => name.endsWith('.tree')) ?? 'none'

/** Deletes or truncates the derived files, or restores an old copy of them. */
const disturb = (workspace: CliWorkspace, copy: string, time: number): void => {
  try {
    if (time % 4 === 1) truncateSync(storeOf(workspace), 1000 * (time % 700))
    else rmSync(derivedOf(workspace), { recursive: true, force: true })
    if (time % 4 === 2) cpSync(copy, derivedOf(workspace), { recursive: true })
  } catch {
    // A worker has created the file in the meantime, or there is none yet.
  }
}

/** Runs a worker that claims and completes `tasks` tasks in one process. */
const workFor = async ({ dir }: CliWorkspace, worker: string, tasks: number) => {
  const words = ['--dir', dir, 'work', worker, 'ci', '--max-tasks', String(tasks), '--quiet', '--', 'true']
  const child = spawn(process.execPath, [claimlogPath, ...words], { env: cleanEnvironment() })
  child.stdout.resume()
  child.stderr.resume()
  const [status, signal] = (await once(child, 'close')) as [number | null, string | null]
  return { status, signal }
}

describe('a link at the path of the directory of derived files', () => {
  test('is not followed: nothing is written to its target, and the answers are the same', async () => {
    const workspace = await longLog()
    rmSync(derivedOf(workspace), { recursive: true })
    const elsewhere = join(temporaryDirectory(), 'elsewhere')
    mkdirSync(elsewhere)
    symlinkSync(elsewhere, derivedOf(workspace))
    for (const words of [
      ['claim', 'bob', 'ci'],
      ['note', 't5', 'hello'],
      ['list', '--json'],
      ['replay', '--json'],
    ]) {
      const { status, stderr } = await workspace.run(words)
      expect({ words, status }).toEqual({ words, status: words[0] === 'replay' ? 1 : 0 })
      if (words[0] === 'claim') expect(stderr).toContain('derived is a symbolic link, which is not followed')
    }
    const { stdout } = await workspace.run(['doctor', '--json'])
    expect(stdout).toContain('derived is a symbolic link, which is not followed')
    expect(readdirSync(elsewhere)).toEqual([])
  })
})
