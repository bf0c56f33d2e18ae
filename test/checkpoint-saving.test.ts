import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { claimlogPath, cleanEnvironment } from './claimlog-process.ts'
import { identityOf } from '../packages/checkpoint/src/stamp.ts'
import type { CliWorkspace } from './cli-workspace.ts'
import { seededRandom } from './programs/seeded-random.mjs'
import {
  expectAnswersOfItsLog,
  expectKeptAsItsLog,
  keptSeq,
  longLog,
  stampOf,
  storeOf,
  withoutDerived,
} from './long-log.ts'

const tasks = '{"kind": "art"}\n'.repeat(600)

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
  test('is whole or not used, wherever whoever saves it is killed', async () => {
    const workspace = await longLog()
    const random = seededRandom(20_250_101)
    for (let round = 0; round < 12; round += 1) {
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
    // A record of the same length in the place of another; the stamp is made to vouch for it.
    const store = readFileSync(storeOf(workspace))
    const at = store.lastIndexOf('"id":"t4000","kind":"docs"')
    store.write('ci__', at + '"id":"t4000","kind":"'.length)
    const stamp = JSON.parse(readFileSync(stampOf(workspace), 'utf8')) as { identity: string }
    writeFileSync(storeOf(workspace), store)
    writeFileSync(stampOf(workspace), JSON.stringify({ ...stamp, identity: identityOf(storeOf(workspace)) }))
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
    const message = 'the state is kept as of seq 4201, 2 events behind'
    expect(await check()).toEqual({ name: 'checkpoint', state: 'ok', message, seq: 4201 })
    writeFileSync(stampOf(workspace), '')
    expect(await check()).toMatchObject({
      state: 'warning',
      message: 'the state that is kept is not used, as its stamp is torn; the log is read instead',
    })
  })
})
