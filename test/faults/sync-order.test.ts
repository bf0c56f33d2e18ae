import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import { claimlogPath } from '../support/claimlog-process.ts'
import { type CliWorkspace, ndjson, newWorkspace } from '../support/cli-workspace.ts'
import { itIfPossible } from '../support/machine/it-if-possible.ts'
import { straceMissing } from '../support/machine/strace.ts'
import { traceLogCalls } from './traced-log.ts'
import { listClaims, readLogLines, numbersFromOne } from '../support/workspace-on-disk.ts'

const program = fileURLToPath(new URL('claim-twenty.mjs', import.meta.url))

const newWorkspaceWithTasks = async (tasks: number): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  await workspace.runOk(
    ['add', '-'],
    ndjson(...numbersFromOne(tasks).map(n => ({ task_id: `task-${n}`, kind: 'docs' }))),
  )
  return workspace
}

/** The operations of a command on the log and stdout, in order. */
const traceOperations = async (
  workspace: CliWorkspace,
  ...args: ReadonlyArray<string>
): Promise<ReadonlyArray<string>> => {
  const { result, calls } = await traceLogCalls(workspace, process.execPath, [claimlogPath, ...args])
  expect(result).toMatchObject({ status: 0, stderr: '' })
  return calls.map(({ operation }) => operation)
}

describe('the result of a command', () => {
  const test = itIfPossible(straceMissing)

  test('is printed after the lock was released and the event was synced', async () => {
    const workspace = await newWorkspaceWithTasks(1)
    const syncedOrder = ['lock', 'write', 'unlock', 'sync', 'answer']
    const claim = ['claim', 'ann', 'docs', '--request-id', 'one']
    expect(await traceOperations(workspace, ...claim)).toEqual(syncedOrder)
    // The process that wrote the event may have died before it synced it.
    expect(await traceOperations(workspace, ...claim)).toEqual(['lock', 'unlock', 'sync', 'answer'])
    expect(await traceOperations(workspace, 'complete', 'ann', 'task-1')).toEqual(syncedOrder)
  })

  test('does not wait for a sync if durability is left to the system', async () => {
    const workspace = await newWorkspaceWithTasks(1)
    const unsyncedOrder = ['lock', 'write', 'unlock', 'answer']
    expect(await traceOperations(workspace, 'claim', 'ann', 'docs', '--durability', 'os')).toEqual(unsyncedOrder)
    expect(await traceOperations(workspace, 'complete', 'ann', 'task-1', '--durability', 'os')).toEqual(unsyncedOrder)
  })

  test('is printed for each of twenty parallel commands after a sync that began after its event was written', async () => {
    const workspace = await newWorkspaceWithTasks(20)
    const { result, calls } = await traceLogCalls(workspace, process.execPath, [program, workspace.dir])
    expect(result).toMatchObject({ status: 0, stderr: '' })
    const answers = calls.filter(({ operation }) => operation === 'answer')
    const tokens = answers.map(({ text }) => Number(/token\\":(\d+)/.exec(text)?.[1]))
    expect(tokens.toSorted((a, b) => a - b)).toEqual(listClaims(readLogLines(workspace.dir)).map(({ token }) => token))
    expect(tokens.length).toBe(20)
    const uncovered = tokens.filter((token, i) => {
      const eventWrite = calls.find(
        ({ operation, text }) => operation === 'write' && text.includes(`{\\"seq\\":${token},`),
      )
      const coveringSync = calls.find(
        ({ operation, startLine, endLine }) =>
          operation === 'sync' &&
          startLine > (eventWrite?.endLine ?? Infinity) &&
          endLine < (answers[i]?.startLine ?? 0),
      )
      return coveringSync === undefined
    })
    expect(uncovered).toEqual([])
  })
})
