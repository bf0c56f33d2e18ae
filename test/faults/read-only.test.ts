import { appendFileSync, chmodSync, chownSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { parseOutput, type ProcessResult } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace, cliWorkspace } from '../support/cli-workspace.ts'
import { mountTemporary, mountMissing, remount } from '../support/machine/file-system.ts'
import { itIfPossible } from '../support/machine/it-if-possible.ts'
import { nobodyUid, createOtherUser, type OtherUser, otherUserMissing } from '../support/machine/other-user.ts'
import { expectNoStackTrace, findLogErrors } from './workspace-copy.ts'

type CommandRunner = (args: ReadonlyArray<string>) => Promise<ProcessResult>

const readers: ReadonlyArray<ReadonlyArray<string>> = [
  ['list'],
  ['status'],
  ['show', 'first'],
  ['why', 'first'],
  ['trace', 'first'],
  ['diff', '1'],
  ['verify'],
  ['tail'],
  ['replay', '--check'],
  ['replay', '--at', '2', '--json'],
]
const writers: ReadonlyArray<ReadonlyArray<string>> = [
  ['add', 'docs', 'third'],
  ['claim', 'bob', 'docs'],
  ['complete', 'ann', 'first'],
  ['renew', 'ann', 'first'],
  ['note', 'first', 'a remark'],
  ['pause', 'docs'],
]

/** Adds two tasks to a workspace; ann claims the first. */
const addSampleTasks = async (workspace: CliWorkspace): Promise<CliWorkspace> => {
  await workspace.runOk(['add', 'docs', 'first'])
  await workspace.runOk(['add', 'docs', 'second'])
  await workspace.runOk(['claim', 'ann', 'docs', '--lease', '1h'])
  return workspace
}

/** Every file of the directory with its inode, modification time and content. */
const readFileMetadata = (dir: string): ReadonlyArray<unknown> =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map(name => {
      const stats = statSync(join(dir, name))
      return [name, stats.ino, stats.mtimeMs, stats.isFile() ? readFileSync(join(dir, name), 'utf8') : '']
    })

const expectReadersSucceed = async (run: CommandRunner): Promise<void> => {
  for (const args of readers) expect({ args, ...(await run(args)) }).toMatchObject({ args, status: 0, stderr: '' })
}

const hintPattern =
  /^you may read this workspace but not write it: ask the owner of the directory for access; nothing was changed$/

/** Checks that each writer is refused with the path and a hint, and changes no file of the directory. */
const expectWritersRefused = async (
  { dir }: CliWorkspace,
  run: CommandRunner,
  code: 'EACCES' | 'EROFS',
): Promise<void> => {
  const before = readFileMetadata(dir)
  const path = join(dir, 'events.jsonl')
  for (const args of writers) {
    const result = await run(args)
    expect({ args, ...result }).toMatchObject({ args, status: 1, stderr: '' })
    expect(parseOutput(result)).toEqual({
      ok: false,
      error: 'io_failed',
      message: expect.stringContaining(`could not open for writing ${path}: ${code}`) as string,
      hint: expect.stringMatching(hintPattern) as string,
      path,
      operation: 'open for writing',
      code,
    })
  }
  const replayResult = await run(['replay'])
  expect(replayResult).toMatchObject({ status: 1, stdout: '' })
  expect(replayResult.stderr).toContain(code)
  expectNoStackTrace(replayResult)
  expect(readFileMetadata(dir)).toEqual(before)
}

describe('a workspace that belongs to another user', () => {
  const test = itIfPossible(otherUserMissing)
  let user: OtherUser

  beforeAll(() => {
    if (otherUserMissing === undefined) user = createOtherUser()
  })
  afterAll(() => user?.remove())

  /** A workspace in a directory that every user can read. */
  const newReadableWorkspace = async (): Promise<CliWorkspace> => {
    const workspace = await addSampleTasks(await newWorkspace())
    chmodSync(workspace.cwd, 0o755)
    return workspace
  }
  const commandRunner =
    ({ cwd }: CliWorkspace): CommandRunner =>
    args =>
      user.run(cwd, args)

  test('can be read but not written by users with read permission', async () => {
    const workspace = await newReadableWorkspace()
    await expectReadersSucceed(commandRunner(workspace))
    await expectWritersRefused(workspace, commandRunner(workspace), 'EACCES')
  })

  test('can be read but not written by an owner with read permission only', async () => {
    const workspace = await newReadableWorkspace()
    for (const name of ['.', 'derived']) chmodSync(join(workspace.dir, name), 0o555)
    for (const name of ['events.jsonl', 'queue.json']) chmodSync(join(workspace.dir, name), 0o444)
    for (const name of ['.', 'derived', 'events.jsonl', 'queue.json'])
      chownSync(join(workspace.dir, name), nobodyUid, nobodyUid)
    await expectReadersSucceed(commandRunner(workspace))
    await expectWritersRefused(workspace, commandRunner(workspace), 'EACCES')
  })

  test('accepts commands of a user who may write only the log, with a notice that queue.json is out of date', async () => {
    const workspace = await newReadableWorkspace()
    chownSync(join(workspace.dir, 'events.jsonl'), nobodyUid, nobodyUid)
    const queue = workspace.readText('queue.json')
    const result = await user.run(workspace.cwd, ['claim', 'bob', 'docs'])
    expect(result.status).toBe(0)
    expect(parseOutput(result)).toMatchObject({ ok: true, task: { id: 'second' } })
    expect(result.stderr).toMatch(/^claimlog: \S*queue\.json could not be brought up to date: EACCES.+\n.+\n$/)
    expect(workspace.readText('queue.json')).toBe(queue)
    expect(findLogErrors(workspace)).toEqual([])
    await workspace.runOk(['complete', 'bob', 'second'])
    expect((await workspace.run(['replay', '--check'])).status).toBe(0)
  })

  test('keeps a torn tail if the user may write the log but create no file next to it', async () => {
    const workspace = await newReadableWorkspace()
    const path = join(workspace.dir, 'events.jsonl')
    chownSync(path, nobodyUid, nobodyUid)
    appendFileSync(path, '{"seq":5,"event":"cla')
    const before = readFileMetadata(workspace.dir)
    const result = await user.run(workspace.cwd, ['claim', 'bob', 'docs'])
    expect({ ...parseOutput(result), status: result.status, stderr: result.stderr }).toMatchObject({
      status: 1,
      stderr: '',
      error: 'io_failed',
      path,
      operation: 'move the torn tail of',
      code: 'EACCES',
    })
    expect(readFileMetadata(workspace.dir)).toEqual(before)
    await workspace.runOk(['claim', 'bob', 'docs'])
  })

  test('is refused with EACCES to a user without read permission', async () => {
    const workspace = await newReadableWorkspace()
    const path = join(workspace.dir, 'events.jsonl')
    chmodSync(path, 0o600)
    for (const args of [...writers, ['list', '--json'], ['verify', '--json']]) {
      const result = await user.run(workspace.cwd, args)
      expect({ args, status: result.status, stderr: result.stderr, ...parseOutput(result) }).toMatchObject({
        args,
        status: 1,
        stderr: '',
        error: 'io_failed',
        path,
        operation: 'open',
        code: 'EACCES',
      })
    }
    const listResult = await user.run(workspace.cwd, ['list'])
    expect(listResult).toMatchObject({ status: 1, stdout: '' })
    expect(listResult.stderr).toContain(`could not open ${path}: EACCES`)
    expectNoStackTrace(listResult)
  })

  test('cannot be created by a user without write permission', async () => {
    const workspace = await newReadableWorkspace()
    const result = await user.run(workspace.cwd, ['init', 'new'])
    expect({ status: result.status, stderr: result.stderr, ...parseOutput(result) }).toMatchObject({
      status: 1,
      stderr: '',
      error: 'io_failed',
      code: 'EACCES',
    })
  })
})

describe('a workspace on a file system that is mounted read-only', () => {
  itIfPossible(mountMissing('tmpfs'))('can be read but not written until the mount is writable again', async () => {
    const mountPoint = mountTemporary('tmpfs', 1024)
    const workspace = cliWorkspace(mountPoint)
    await workspace.runOk(['init'])
    await addSampleTasks(workspace)
    remount(mountPoint, 'ro')
    await expectReadersSucceed(args => workspace.run(args))
    await expectWritersRefused(workspace, args => workspace.run(args), 'EROFS')
    remount(mountPoint, 'rw')
    await workspace.runOk(['complete', 'ann', 'first'])
    expect(findLogErrors(workspace)).toEqual([])
  })
})
