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
import {
  derivedOf,
  expectAnswersOfItsLog,
  expectKeptAsItsLog,
  keptSeq,
  longLog,
  stampOf,
  storeOf,
  withoutDerived,
} from '../support/long-log.ts'

/** Saves another record of a task than the log comes to, as no process does; every checksum is right. */
const saveAnotherTask = (workspace: CliWorkspace): void => {
  const found = openCheckpoint(derivedOf(workspace))
  const { checkpoint } = found
  const task = checkpoint?.base.get('t4000')
  if (checkpoint === undefined || task === undefined) throw new Error('no state is kept')
  const changes = { tasks: [{ ...task, kind: 'ci' }], rules: [], requests: [], kinds: [] }
  saveCheckpoint(derivedOf(workspace), found, { head: checkpoint.head, changes, addresses: [] })?.checkpoint?.close()
  checkpoint.close()
}

const tasks = '{"kind": "art"}\n'.repeat(600)

/** `CLAIMLOG_KILLS=50` takes some minutes. */
const kills = Number(process.env['CLAIMLOG_KILLS'] ?? 12)

/** Adds so many tasks that the state is saved after the answer, and is killed so long after it began to answer. */
const addKilled = async ({ dir }: CliWorkspace, afterMs: number): Promise<void> => {
  const child = spawn(process.execPath, [claimlogPath, '--dir', dir, 'add', '-'], { env: cleanEnvironment() })
  const closed = once(child, 'close')
  child.stdin.end(tasks)
  child.stdout.once('data', () => void sleep(afterMs).then(() => child.kill('SIGKILL')))
  child.stdout.resume()
  await closed
}

describe('the state that is kept', () => {
  test('is whole or not used, wherever whoever saves it is killed', { timeout: 120_000 + kills * 10_000 }, async () => {
    const workspace = await longLog()
    const random = seededRandom(20_250_101)
    for (let round = 0; round < kills; round += 1) {
      await addKilled(workspace, random.between(0, 20))
      const twin = withoutDerived(workspace)
      const [there, here] = [await workspace.done(['status', '--json']), await twin.done(['status', '--json'])]
      expect({ round, ...there, dir: '' }).toEqual({ round, ...here, dir: '' })
    }
    await expectAnswersOfItsLog(workspace)
    await expectKeptAsItsLog(workspace)
  })

  test('is saved by several at once, and every answer is as without it', async () => {
    const workspace = await longLog()
    await Promise.all(Array.from({ length: 6 }, () => workspace.done(['add', '-'], tasks)))
    expect(keptSeq(workspace)).toBeGreaterThan(4201)
    await expectAnswersOfItsLog(workspace)
    await expectKeptAsItsLog(workspace)
  })

  test('is compared with the log by replay --check, and what differs first is named', async () => {
    const workspace = await longLog()
    await workspace.done(['replay', '--json'])
    saveAnotherTask(workspace)
    const checked = await workspace.run(['replay', '--check', '--json'])
    expect(checked.status).toBe(6)
    expect(JSON.parse(checked.stdout)).toMatchObject({ error: 'checkpoint_differs' })
    expect((JSON.parse(checked.stdout) as { message: string }).message).toContain('task t4000')
  })

  test('is told of by doctor: of which seq it is, how far behind, and why it is not used', async () => {
    const workspace = await longLog()
    await workspace.done(['claim', 'bob', 'ci'])
    const check = async (): Promise<unknown> => {
      const { checks } = JSON.parse((await workspace.run(['doctor', '--json'])).stdout) as {
        readonly checks: ReadonlyArray<{ readonly name: string }>
      }
      return checks.find(({ name }) => name === 'checkpoint')
    }
    const message = 'there is a checkpoint at seq 4201, 2 events behind'
    expect(await check()).toEqual({ name: 'checkpoint', state: 'ok', message, seq: 4201 })
    writeFileSync(stampOf(workspace), '')
    expect(await check()).toMatchObject({
      state: 'warning',
      message: 'the checkpoint is not used, as checkpoint.stamp is damaged; the log is read instead',
    })
  })

  test('is read whole by doctor, which names the file that is damaged and the way out, and whether it is what the log says', async () => {
    const workspace = await longLog()
    saveAnotherTask(workspace)
    const check = async (): Promise<unknown> => {
      const { checks } = JSON.parse((await workspace.run(['doctor', '--json'])).stdout) as {
        readonly checks: ReadonlyArray<{ readonly name: string }>
      }
      return checks.find(({ name }) => name === 'checkpoint')
    }
    expect(await check()).toMatchObject({
      state: 'wrong',
      message: expect.stringMatching(/^the checkpoint differs from the log: .*t4000/) as string,
    })
    const path = storeOf(workspace)
    const bytes = readFileSync(path)
    bytes[5000] = (bytes[5000] as number) ^ 1
    writeFileSync(path, bytes)
    const why = `derived/${basename(path)} is damaged: the block at byte \\d+ is not as it was written`
    expect(await check()).toMatchObject({
      state: 'warning',
      message: expect.stringMatching(new RegExp(`^${why}; it is not used, and the log is read instead$`)) as string,
      mend: expect.stringContaining('can be deleted') as string,
    })
  })
})
