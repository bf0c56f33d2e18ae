import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { claimlogPath, cleanEnvironment } from '../support/claimlog-process.ts'

import { openCheckpoint, saveCheckpoint } from '../../packages/checkpoint/src/checkpoint.ts'
import type { CliWorkspace } from '../support/cli-workspace.ts'
import { seededRandom } from '../programs/seeded-random.mjs'
import { chooseCount } from '../support/machine/select-cases.ts'
import {
  derivedPath,
  expectAnswersMatchLog,
  expectCheckpointMatchesLog,
  checkpointSeq,
  newLongLog,
  stampPath,
  findTreePath,
  copyLogOnly,
} from '../support/long-log.ts'

/** Saves a task that differs from the log, which no process does, with correct checksums. */
const saveChangedTask = (workspace: CliWorkspace): void => {
  const opened = openCheckpoint(derivedPath(workspace))
  const { checkpoint } = opened
  const task = checkpoint?.base.get('t4000')
  if (checkpoint === undefined || task === undefined) throw new Error('there is no checkpoint')
  const changes = { tasks: [{ ...task, kind: 'ci' }], rules: [], requests: [], kinds: [] }
  saveCheckpoint(derivedPath(workspace), opened, { head: checkpoint.head, changes, offsets: [] })?.checkpoint?.close()
  checkpoint.close()
}

const tasks = '{"kind": "art"}\n'.repeat(600)

/** `CLAIMLOG_KILLS=50` takes some minutes. */
const kills = Number(process.env['CLAIMLOG_KILLS'] ?? chooseCount(12, 4))

/**
 * Adds enough tasks that a checkpoint is saved after the result, and kills the command `afterMs` after its first
 * output.
 */
const addAndKill = async ({ dir }: CliWorkspace, afterMs: number): Promise<void> => {
  const child = spawn(process.execPath, [claimlogPath, '--dir', dir, 'add', '-'], { env: cleanEnvironment() })
  const closed = once(child, 'close')
  child.stdin.end(tasks)
  child.stdout.once('data', () => void sleep(afterMs).then(() => child.kill('SIGKILL')))
  child.stdout.resume()
  await closed
}

describe('a checkpoint', () => {
  test(
    'is complete or not used, at whatever point the saving process is killed',
    { timeout: 120_000 + kills * 10_000 },
    async () => {
      const workspace = await newLongLog()
      const random = seededRandom(20_250_101)
      for (let round = 0; round < kills; round += 1) {
        await addAndKill(workspace, random.between(0, 20))
        const logOnly = copyLogOnly(workspace)
        const [actual, expected] = [
          await workspace.runOk(['status', '--json']),
          await logOnly.runOk(['status', '--json']),
        ]
        expect({ round, ...actual, dir: '' }).toEqual({ round, ...expected, dir: '' })
      }
      await expectAnswersMatchLog(workspace)
      await expectCheckpointMatchesLog(workspace)
    },
  )

  test('can be saved by several processes in parallel, and every answer is the same as without it', async () => {
    const workspace = await newLongLog()
    await Promise.all(Array.from({ length: 6 }, () => workspace.runOk(['add', '-'], tasks)))
    expect(checkpointSeq(workspace)).toBeGreaterThan(4202)
    await expectAnswersMatchLog(workspace)
    await expectCheckpointMatchesLog(workspace)
  })

  test('is compared with the log by replay --check, which reports the first difference', async () => {
    const workspace = await newLongLog()
    await workspace.runOk(['replay', '--json'])
    saveChangedTask(workspace)
    const result = await workspace.run(['replay', '--check', '--json'])
    expect(result.status).toBe(6)
    expect(JSON.parse(result.stdout)).toMatchObject({ error: 'checkpoint_differs' })
    expect((JSON.parse(result.stdout) as { message: string }).message).toContain('task t4000')
  })

  test('is reported by doctor with its seq, its distance to the log, and the reason why it is not used', async () => {
    const workspace = await newLongLog()
    await workspace.runOk(['claim', 'bob', 'ci'])
    const readCheck = async (): Promise<unknown> => {
      const { checks } = JSON.parse((await workspace.run(['doctor', '--json'])).stdout) as {
        readonly checks: ReadonlyArray<{ readonly name: string }>
      }
      return checks.find(({ name }) => name === 'checkpoint')
    }
    const message = 'there is a checkpoint at seq 4202, 1 event behind'
    expect(await readCheck()).toEqual({ name: 'checkpoint', state: 'ok', message, seq: 4202 })
    writeFileSync(stampPath(workspace), '')
    expect(await readCheck()).toMatchObject({
      state: 'warning',
      message: 'the checkpoint is not used, as checkpoint.stamp is damaged; the log is read instead',
    })
  })

  test('is read completely by doctor, which reports differences from the log, a damaged file and a hint', async () => {
    const workspace = await newLongLog()
    saveChangedTask(workspace)
    const readCheck = async (): Promise<unknown> => {
      const { checks } = JSON.parse((await workspace.run(['doctor', '--json'])).stdout) as {
        readonly checks: ReadonlyArray<{ readonly name: string }>
      }
      return checks.find(({ name }) => name === 'checkpoint')
    }
    expect(await readCheck()).toMatchObject({
      state: 'wrong',
      message: expect.stringMatching(/^the checkpoint differs from the log: .*t4000/) as string,
    })
    const path = findTreePath(workspace)
    const bytes = readFileSync(path)
    bytes[5000] = (bytes[5000] as number) ^ 1
    writeFileSync(path, bytes)
    const damageText = `derived/${basename(path)} is damaged: the block at byte \\d+ is not as it was written`
    expect(await readCheck()).toMatchObject({
      state: 'warning',
      message: expect.stringMatching(
        new RegExp(`^${damageText}; it is not used, and the log is read instead$`),
      ) as string,
      mend: expect.stringContaining('can be deleted') as string,
    })
  })
})
