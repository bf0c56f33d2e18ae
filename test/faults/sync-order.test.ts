import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import { claimlogPath } from '../support/claimlog-process.ts'
import { type CliWorkspace, ndjson, newWorkspace } from '../support/cli-workspace.ts'
import { itWherePossible } from '../support/machine/it-where-possible.ts'
import { straceMissing } from '../support/machine/strace.ts'
import { tracedLog } from './traced-log.ts'
import { claimsIn, logOf, upTo } from '../support/workspace-on-disk.ts'

const program = fileURLToPath(new URL('claim-twenty.mjs', import.meta.url))

const workspaceWith = async (tasks: number): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  await workspace.done(['add', '-'], ndjson(...upTo(tasks).map(n => ({ task_id: `task-${n}`, kind: 'docs' }))))
  return workspace
}

/** The operations of a command on the log and stdout, in order. */
const order = async (workspace: CliWorkspace, ...words: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const { finished, calls } = await tracedLog(workspace, process.execPath, [claimlogPath, ...words])
  expect(finished).toMatchObject({ status: 0, stderr: '' })
  return calls.map(({ what }) => what)
}

describe('the result of a command', () => {
  const test = itWherePossible(straceMissing)

  test('is printed after the lock was released and the event was synced', async () => {
    const workspace = await workspaceWith(1)
    const synced = ['lock', 'write', 'unlock', 'sync', 'answer']
    const claim = ['claim', 'ann', 'docs', '--request-id', 'one']
    expect(await order(workspace, ...claim)).toEqual(synced)
    // The process that wrote the event may have died before it synced it.
    expect(await order(workspace, ...claim)).toEqual(['lock', 'unlock', 'sync', 'answer'])
    expect(await order(workspace, 'complete', 'ann', 'task-1')).toEqual(synced)
  })

  test('does not wait for a sync if durability is left to the system', async () => {
    const workspace = await workspaceWith(1)
    const unsynced = ['lock', 'write', 'unlock', 'answer']
    expect(await order(workspace, 'claim', 'ann', 'docs', '--durability', 'os')).toEqual(unsynced)
    expect(await order(workspace, 'complete', 'ann', 'task-1', '--durability', 'os')).toEqual(unsynced)
  })

  test('is printed for each of twenty parallel commands after a sync that began after its event was written', async () => {
    const workspace = await workspaceWith(20)
    const { finished, calls } = await tracedLog(workspace, process.execPath, [program, workspace.dir])
    expect(finished).toMatchObject({ status: 0, stderr: '' })
    const answers = calls.filter(({ what }) => what === 'answer')
    const tokens = answers.map(({ text }) => Number(/token\\":(\d+)/.exec(text)?.[1]))
    expect(tokens.toSorted((a, b) => a - b)).toEqual(claimsIn(logOf(workspace.dir)).map(({ token }) => token))
    expect(tokens.length).toBe(20)
    const uncovered = tokens.filter((token, i) => {
      const written = calls.find(({ what, text }) => what === 'write' && text.includes(`{\\"seq\\":${token},`))
      const covering = calls.find(
        ({ what, began, ended }) =>
          what === 'sync' && began > (written?.ended ?? Infinity) && ended < (answers[i]?.began ?? 0),
      )
      return covering === undefined
    })
    expect(uncovered).toEqual([])
  })
})
