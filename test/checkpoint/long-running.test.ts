import * as E from 'fp-ts/lib/Either.js'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkpointStore, openWorkspace, type CommandInput } from '@claimlog/workspace'
import { type Event, lineCodec } from '@claimlog/domain'
import { openFileLog, withLockFile } from '@claimlog/event-log-file'
import { describe, expect, test } from 'vitest'
import type { CliWorkspace } from '../support/cli-workspace.ts'
import { expectAnswersOfItsLog, expectKeptAsItsLog, keptSeq, longLog } from '../support/long-log.ts'

/** More events than a long-running process leaves unsaved. */
const manyMore = 10_001

/** A program that keeps the workspace open, and counts how often it loads the checkpoint. */
const longRunning = async ({ dir }: CliWorkspace) => {
  const log = await openFileLog<Event>({ dir, codec: lineCodec, durability: 'os' })()
  if (E.isLeft(log)) throw new Error(JSON.stringify(log.left))
  const keeper = checkpointStore({ dir, log: log.right, withLockFile })
  let opened = 0
  const restore: typeof keeper.restore = current => {
    opened += 1
    return keeper.restore(current)
  }
  const workspace = openWorkspace({ log: log.right, checkpoint: { ...keeper, restore } })
  const done = async (order: CommandInput) => {
    const answer = await workspace.run(order)()
    if (E.isLeft(answer)) throw new Error(JSON.stringify(answer.left))
    return answer.right
  }
  return {
    opened: () => opened,
    claim: async (worker: string) => (await done({ command: 'claim', worker, kinds: ['ci'] })).tasks[0]?.task.id,
    addMany: () => done({ command: 'add', tasks: Array.from({ length: manyMore }, () => ({ kind: 'docs' })) }),
    close: workspace.close,
  }
}

const keptUpTo = async (workspace: CliWorkspace, seq: number): Promise<void> => {
  while ((keptSeq(workspace) ?? 0) < seq) await sleep(50)
}

describe('the checkpoint of a long-running program', () => {
  test('is saved once the program is idle, and every answer is the same as without it', async () => {
    const workspace = await longLog()
    const program = await longRunning(workspace)
    expect(await program.claim('bob')).toBe('t1')
    const before = keptSeq(workspace)
    const { seq } = await program.addMany()
    expect(keptSeq(workspace)).toBe(before)
    await keptUpTo(workspace, seq)
    expect(await program.claim('bob')).toBe('t3')
    await program.close()
    await expectAnswersOfItsLog(workspace)
    await expectKeptAsItsLog(workspace)
  })

  test('is loaded again if another process has saved a newer one', async () => {
    const workspace = await longLog()
    const [one, other] = [await longRunning(workspace), await longRunning(workspace)]
    expect(await one.claim('bob')).toBe('t1')
    const { seq } = await other.addMany()
    await keptUpTo(workspace, seq)
    // Reads the 10,000 events, and drops them from memory once it is idle.
    expect(await one.claim('bob')).toBe('t3')
    expect(one.opened()).toBe(1)
    while (one.opened() === 1) await sleep(50)
    expect(await one.claim('bob')).toBe('t5')
    expect(await other.claim('eve')).toBe('t7')
    expect(await one.claim('bob')).toBe('t9')
    await Promise.all([one.close(), other.close()])
    await expectAnswersOfItsLog(workspace)
  })
})
