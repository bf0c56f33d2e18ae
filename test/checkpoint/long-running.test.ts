import * as E from 'fp-ts/lib/Either.js'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkpointStore, openWorkspace, type CommandInput } from '@claimlog/workspace'
import { type Event, lineCodec } from '@claimlog/domain'
import { openFileLog, withLockFile } from '@claimlog/event-log-file'
import { describe, expect, test } from 'vitest'
import type { CliWorkspace } from '../support/cli-workspace.ts'
import { expectAnswersMatchLog, expectCheckpointMatchesLog, checkpointSeq, newLongLog } from '../support/long-log.ts'

/** More events than a long-running process leaves unsaved. */
const unsavedEventsMax = 10_001

/** A program that keeps the workspace open, and counts how often it loads the checkpoint. */
const openLongRunning = async ({ dir }: CliWorkspace) => {
  const log = await openFileLog<Event>({ dir, codec: lineCodec, durability: 'os' })()
  if (E.isLeft(log)) throw new Error(JSON.stringify(log.left))
  const store = checkpointStore({ dir, log: log.right, withLockFile })
  let loadCount = 0
  const restore: typeof store.restore = current => {
    loadCount += 1
    return store.restore(current)
  }
  const workspace = openWorkspace({ log: log.right, checkpoint: { ...store, restore } })
  const runOrThrow = async (input: CommandInput) => {
    const result = await workspace.run(input)()
    if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
    return result.right
  }
  return {
    countLoads: () => loadCount,
    claim: async (worker: string) => (await runOrThrow({ command: 'claim', worker, kinds: ['ci'] })).tasks[0]?.task.id,
    addMany: () =>
      runOrThrow({ command: 'add', tasks: Array.from({ length: unsavedEventsMax }, () => ({ kind: 'docs' })) }),
    close: workspace.close,
  }
}

const waitForCheckpoint = async (workspace: CliWorkspace, seq: number): Promise<void> => {
  while ((checkpointSeq(workspace) ?? 0) < seq) await sleep(50)
}

describe('the checkpoint of a long-running program', () => {
  test('is saved once the program is idle, and every answer is the same as without it', async () => {
    const workspace = await newLongLog()
    const program = await openLongRunning(workspace)
    expect(await program.claim('bob')).toBe('t1')
    const before = checkpointSeq(workspace)
    const { seq } = await program.addMany()
    expect(checkpointSeq(workspace)).toBe(before)
    await waitForCheckpoint(workspace, seq)
    expect(await program.claim('bob')).toBe('t3')
    await program.close()
    await expectAnswersMatchLog(workspace)
    await expectCheckpointMatchesLog(workspace)
  })

  test('is loaded again if another process has saved a newer one', async () => {
    const workspace = await newLongLog()
    const [one, other] = [await openLongRunning(workspace), await openLongRunning(workspace)]
    expect(await one.claim('bob')).toBe('t1')
    const { seq } = await other.addMany()
    await waitForCheckpoint(workspace, seq)
    // Reads the 10,000 events, and drops them from memory once it is idle.
    expect(await one.claim('bob')).toBe('t3')
    expect(one.countLoads()).toBe(1)
    while (one.countLoads() === 1) await sleep(50)
    expect(await one.claim('bob')).toBe('t5')
    expect(await other.claim('eve')).toBe('t7')
    expect(await one.claim('bob')).toBe('t9')
    await Promise.all([one.close(), other.close()])
    await expectAnswersMatchLog(workspace)
  })
})
