import { readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { answer } from '../support/claimlog-process.ts'
import { type CliWorkspace, workspaceIn } from '../support/cli-workspace.ts'
import { mounted, mountMissing, type SmallFileSystem } from '../support/machine/file-system.ts'
import { itWherePossible } from '../support/machine/it-where-possible.ts'
import { expectNoStackTrace, faultsInLog } from './undisturbed.ts'

/** The free space before the disk is full, in bytes. */
const room = 150 * 1024
/** The payload sizes: as many tasks of each size as fit, until not even a short event does. */
const sizes = [40_000, 8000, 2000, 500, 16]
const mostOfASize = 40

const expectRefusedForWantOfRoom = (
  workspace: CliWorkspace,
  refused: Awaited<ReturnType<CliWorkspace['run']>>,
): void => {
  expect({ status: refused.status, stderr: refused.stderr, ...answer(refused) }).toMatchObject({
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
  const before = workspace.text('events.jsonl')
  const input = `${JSON.stringify({ task_id: id, kind: 'docs', payload: 'x'.repeat(bytes) })}\n`
  const added = await workspace.run(['add', '-'], { input })
  expectNoStackTrace(added)
  if (added.status === 0) {
    expect(answer(added)).toMatchObject({ ok: true, tasks: [{ id }] })
    expect(workspace.events().at(-1)).toMatchObject({ event: 'added', task_id: id })
    return true
  }
  expectRefusedForWantOfRoom(workspace, added)
  expect(workspace.text('events.jsonl')).toBe(before)
  return false
}

/** Adds tasks until no more fit; returns the ids of those that were added. */
const fill = async (workspace: CliWorkspace): Promise<ReadonlyArray<string>> => {
  const added: Array<string> = []
  let refusals = 0
  const add = async (bytes: number): Promise<boolean> => {
    const id = `task-${added.length + refusals + 1}`
    const isAdded = await addOne(workspace, id, bytes)
    if (isAdded) added.push(id)
    else refusals += 1
    return isAdded
  }
  for (const bytes of sizes) for (let n = 1; await add(bytes); n += 1) expect(n).toBeLessThan(mostOfASize)
  return added
}

const addedIn = (workspace: CliWorkspace): ReadonlyArray<unknown> =>
  workspace.events().flatMap(({ event, task_id: id }) => (event === 'added' ? [id] : []))

const worksOnAFullDisk = async (fileSystem: SmallFileSystem, kib: number): Promise<void> => {
  const cwd = mounted(fileSystem, kib)
  const workspace = workspaceIn(cwd)
  await workspace.done(['init'])
  const ballast = join(cwd, 'ballast')
  const { bavail, bsize } = statfsSync(cwd)
  writeFileSync(ballast, 'x'.repeat(bavail * bsize - room))
  const added = await fill(workspace)
  expect(added.length).toBeGreaterThan(1)
  expect(addedIn(workspace)).toEqual(added)
  expect(faultsInLog(workspace)).toEqual([])

  const first = added[0] as string
  for (const words of [['list'], ['status'], ['show', first], ['why', first], ['trace', first], ['verify'], ['tail']])
    expect({ words, ...(await workspace.run(words)) }).toMatchObject({ words, status: 0, stderr: '' })
  expectRefusedForWantOfRoom(workspace, await workspace.run(['note', first, 'x'.repeat(8000)]))

  rmSync(ballast)
  expect(await workspace.done(['claim', 'ann', 'docs'])).toMatchObject({ ok: true, task: { id: first } })
  await workspace.done(['complete', 'ann', first])
  expect(await workspace.run(['replay', '--check'])).toMatchObject({ status: 0, stderr: '' })
  expect(await workspace.run(['verify'])).toMatchObject({ status: 0, stderr: '' })
  expect(faultsInLog(workspace)).toEqual([])
  const { tasks } = JSON.parse(readFileSync(join(workspace.dir, 'queue.json'), 'utf8')) as {
    readonly tasks: ReadonlyArray<{ readonly id: string }>
  }
  expect(tasks.map(({ id }) => id)).toEqual(added)
}

describe('a disk that fills up', () => {
  itWherePossible(mountMissing('tmpfs'))(
    'has every acknowledged task, refuses the rest, can be read, and works again once it has free space: tmpfs',
    () => worksOnAFullDisk('tmpfs', 256),
  )

  itWherePossible(mountMissing('ext4'))(
    'has every acknowledged task, refuses the rest, can be read, and works again once it has free space: ext4',
    () => worksOnAFullDisk('ext4', 1024),
  )
})
