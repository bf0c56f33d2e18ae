import { readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { parseOutput } from '../support/claimlog-process.ts'
import { type CliWorkspace, cliWorkspace } from '../support/cli-workspace.ts'
import { mountTemporary, mountMissing, type SmallFileSystem } from '../support/machine/file-system.ts'
import { itIfPossible } from '../support/machine/it-if-possible.ts'
import { expectNoStackTrace, findLogErrors } from './workspace-copy.ts'

/** The free space before the disk is full, in bytes. */
const freeBytes = 150 * 1024
/** The payload sizes. As many tasks of each size as fit are added, until not even a short event fits. */
const sizes = [40_000, 8000, 2000, 500, 16]
const tasksPerSizeMax = 40

const expectDiskFull = (workspace: CliWorkspace, result: Awaited<ReturnType<CliWorkspace['run']>>): void => {
  expect({ status: result.status, stderr: result.stderr, ...parseOutput(result) }).toMatchObject({
    status: 1,
    stderr: '',
    ok: false,
    error: 'io_failed',
    hint: 'free some disk space and try again; nothing was changed',
    path: join(workspace.dir, 'events.jsonl'),
    operation: 'write',
    code: 'ENOSPC',
  })
}

/** Adds a task with `bytes` of payload; returns false if it was refused and the log did not change. */
const addOne = async (workspace: CliWorkspace, id: string, bytes: number): Promise<boolean> => {
  const before = workspace.readText('events.jsonl')
  const input = `${JSON.stringify({ task_id: id, kind: 'docs', payload: 'x'.repeat(bytes) })}\n`
  const result = await workspace.run(['add', '-'], { input })
  expectNoStackTrace(result)
  if (result.status === 0) {
    expect(parseOutput(result)).toMatchObject({ ok: true, tasks: [{ id }] })
    expect(workspace.readEvents().at(-1)).toMatchObject({ event: 'added', task_id: id })
    return true
  }
  expectDiskFull(workspace, result)
  expect(workspace.readText('events.jsonl')).toBe(before)
  return false
}

/** Adds tasks until no more fit; returns the ids of those that were added. */
const fill = async (workspace: CliWorkspace): Promise<ReadonlyArray<string>> => {
  const addedIds: Array<string> = []
  let refusals = 0
  const add = async (bytes: number): Promise<boolean> => {
    const id = `task-${addedIds.length + refusals + 1}`
    const isAdded = await addOne(workspace, id, bytes)
    if (isAdded) addedIds.push(id)
    else refusals += 1
    return isAdded
  }
  for (const bytes of sizes) for (let n = 1; await add(bytes); n += 1) expect(n).toBeLessThan(tasksPerSizeMax)
  return addedIds
}

const listAddedIds = (workspace: CliWorkspace): ReadonlyArray<unknown> =>
  workspace.readEvents().flatMap(({ event, task_id: id }) => (event === 'added' ? [id] : []))

const testFullDisk = async (fileSystem: SmallFileSystem, kib: number): Promise<void> => {
  const cwd = mountTemporary(fileSystem, kib)
  const workspace = cliWorkspace(cwd)
  await workspace.runOk(['init'])
  const ballast = join(cwd, 'ballast')
  const { bavail, bsize } = statfsSync(cwd)
  writeFileSync(ballast, 'x'.repeat(bavail * bsize - freeBytes))
  const addedIds = await fill(workspace)
  expect(addedIds.length).toBeGreaterThan(1)
  expect(listAddedIds(workspace)).toEqual(addedIds)
  expect(findLogErrors(workspace)).toEqual([])

  const first = addedIds[0] as string
  for (const args of [['list'], ['status'], ['show', first], ['why', first], ['trace', first], ['verify'], ['tail']])
    expect({ args, ...(await workspace.run(args)) }).toMatchObject({ args, status: 0, stderr: '' })
  expectDiskFull(workspace, await workspace.run(['note', first, 'x'.repeat(8000)]))

  rmSync(ballast)
  expect(await workspace.runOk(['claim', 'ann', 'docs'])).toMatchObject({ ok: true, task: { id: first } })
  await workspace.runOk(['complete', 'ann', first])
  expect(await workspace.run(['replay', '--check'])).toMatchObject({ status: 0, stderr: '' })
  expect(await workspace.run(['verify'])).toMatchObject({ status: 0, stderr: '' })
  expect(findLogErrors(workspace)).toEqual([])
  const { tasks } = JSON.parse(readFileSync(join(workspace.dir, 'queue.json'), 'utf8')) as {
    readonly tasks: ReadonlyArray<{ readonly id: string }>
  }
  expect(tasks.map(({ id }) => id)).toEqual(addedIds)
}

describe('a disk that fills up', () => {
  itIfPossible(mountMissing('tmpfs'))(
    'has every acknowledged task, refuses the rest, can be read, and works again once it has free space: tmpfs',
    () => testFullDisk('tmpfs', 256),
  )

  itIfPossible(mountMissing('ext4'))(
    'has every acknowledged task, refuses the rest, can be read, and works again once it has free space: ext4',
    () => testFullDisk('ext4', 1024),
  )
})
