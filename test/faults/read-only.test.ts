import { appendFileSync, chmodSync, chownSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { answer, type Finished } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace, workspaceIn } from '../support/cli-workspace.ts'
import { mounted, mountMissing, remount } from '../support/machine/file-system.ts'
import { itWherePossible } from '../support/machine/it-where-possible.ts'
import { nobody, otherUser, type OtherUser, otherUserMissing } from '../support/machine/other-user.ts'
import { expectNoStackTrace, faultsInLog } from './undisturbed.ts'

type Run = (words: ReadonlyArray<string>) => Promise<Finished>

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
const filled = async (workspace: CliWorkspace): Promise<CliWorkspace> => {
  await workspace.done(['add', 'docs', 'first'])
  await workspace.done(['add', 'docs', 'second'])
  await workspace.done(['claim', 'ann', 'docs', '--lease', '1h'])
  return workspace
}

/** Every file of the directory with its inode, modification time and content. */
const filesIn = (dir: string): ReadonlyArray<unknown> =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map(name => {
      const stats = statSync(join(dir, name))
      return [name, stats.ino, stats.mtimeMs, stats.isFile() ? readFileSync(join(dir, name), 'utf8') : '']
    })

const expectReaders = async (run: Run): Promise<void> => {
  for (const words of readers) expect({ words, ...(await run(words)) }).toMatchObject({ words, status: 0, stderr: '' })
}

const hints =
  /^you may read this workspace but not write it: ask the owner of the directory for access; nothing was changed$/

/** Checks that each writer is refused with the path and a hint, and changes no file of the directory. */
const expectWritersRefused = async ({ dir }: CliWorkspace, run: Run, code: 'EACCES' | 'EROFS'): Promise<void> => {
  const before = filesIn(dir)
  const path = join(dir, 'events.jsonl')
  for (const words of writers) {
    const refused = await run(words)
    expect({ words, ...refused }).toMatchObject({ words, status: 1, stderr: '' })
    expect(answer(refused)).toEqual({
      ok: false,
      error: 'io_failed',
      message: expect.stringContaining(`could not open for writing ${path}: ${code}`) as string,
      hint: expect.stringMatching(hints) as string,
      path,
      operation: 'open for writing',
      code,
    })
  }
  const rebuilt = await run(['replay'])
  expect(rebuilt).toMatchObject({ status: 1, stdout: '' })
  expect(rebuilt.stderr).toContain(code)
  expectNoStackTrace(rebuilt)
  expect(filesIn(dir)).toEqual(before)
}

describe('a workspace that belongs to another user', () => {
  const test = itWherePossible(otherUserMissing)
  let stranger: OtherUser

  beforeAll(() => {
    if (otherUserMissing === undefined) stranger = otherUser()
  })
  afterAll(() => stranger?.leave())

  /** A workspace in a directory that every user can read. */
  const openWorkspace = async (): Promise<CliWorkspace> => {
    const workspace = await filled(await newWorkspace())
    chmodSync(workspace.cwd, 0o755)
    return workspace
  }
  const runIn =
    ({ cwd }: CliWorkspace): Run =>
    words =>
      stranger.run(cwd, words)

  test('can be read but not written by users with read permission', async () => {
    const workspace = await openWorkspace()
    await expectReaders(runIn(workspace))
    await expectWritersRefused(workspace, runIn(workspace), 'EACCES')
  })

  test('can be read but not written by an owner with read permission only', async () => {
    const workspace = await openWorkspace()
    for (const name of ['.', 'derived']) chmodSync(join(workspace.dir, name), 0o555)
    for (const name of ['events.jsonl', 'queue.json']) chmodSync(join(workspace.dir, name), 0o444)
    for (const name of ['.', 'derived', 'events.jsonl', 'queue.json'])
      chownSync(join(workspace.dir, name), nobody, nobody)
    await expectReaders(runIn(workspace))
    await expectWritersRefused(workspace, runIn(workspace), 'EACCES')
  })

  test('accepts commands of a user who may write only the log, with a notice that queue.json is out of date', async () => {
    const workspace = await openWorkspace()
    chownSync(join(workspace.dir, 'events.jsonl'), nobody, nobody)
    const queue = workspace.text('queue.json')
    const claimed = await stranger.run(workspace.cwd, ['claim', 'bob', 'docs'])
    expect(claimed.status).toBe(0)
    expect(answer(claimed)).toMatchObject({ ok: true, task: { id: 'second' } })
    expect(claimed.stderr).toMatch(/^claimlog: \S*queue\.json could not be brought up to date: EACCES.+\n.+\n$/)
    expect(workspace.text('queue.json')).toBe(queue)
    expect(faultsInLog(workspace)).toEqual([])
    await workspace.done(['complete', 'bob', 'second'])
    expect((await workspace.run(['replay', '--check'])).status).toBe(0)
  })

  test('keeps a torn tail if the user may write the log but create no file next to it', async () => {
    const workspace = await openWorkspace()
    const path = join(workspace.dir, 'events.jsonl')
    chownSync(path, nobody, nobody)
    appendFileSync(path, '{"seq":5,"event":"cla')
    const before = filesIn(workspace.dir)
    const refused = await stranger.run(workspace.cwd, ['claim', 'bob', 'docs'])
    expect({ ...answer(refused), status: refused.status, stderr: refused.stderr }).toMatchObject({
      status: 1,
      stderr: '',
      error: 'io_failed',
      path,
      operation: 'move the torn tail of',
      code: 'EACCES',
    })
    expect(filesIn(workspace.dir)).toEqual(before)
    await workspace.done(['claim', 'bob', 'docs'])
  })

  test('is refused with EACCES to a user without read permission', async () => {
    const workspace = await openWorkspace()
    const path = join(workspace.dir, 'events.jsonl')
    chmodSync(path, 0o600)
    for (const words of [...writers, ['list', '--json'], ['verify', '--json']]) {
      const refused = await stranger.run(workspace.cwd, words)
      expect({ words, status: refused.status, stderr: refused.stderr, ...answer(refused) }).toMatchObject({
        words,
        status: 1,
        stderr: '',
        error: 'io_failed',
        path,
        operation: 'open',
        code: 'EACCES',
      })
    }
    const told = await stranger.run(workspace.cwd, ['list'])
    expect(told).toMatchObject({ status: 1, stdout: '' })
    expect(told.stderr).toContain(`could not open ${path}: EACCES`)
    expectNoStackTrace(told)
  })

  test('cannot be created by a user without write permission', async () => {
    const workspace = await openWorkspace()
    const refused = await stranger.run(workspace.cwd, ['init', 'new'])
    expect({ status: refused.status, stderr: refused.stderr, ...answer(refused) }).toMatchObject({
      status: 1,
      stderr: '',
      error: 'io_failed',
      code: 'EACCES',
    })
  })
})

describe('a workspace on a file system that is mounted read-only', () => {
  itWherePossible(mountMissing('tmpfs'))('can be read but not written until the mount is writable again', async () => {
    const at = mounted('tmpfs', 1024)
    const workspace = workspaceIn(at)
    await workspace.done(['init'])
    await filled(workspace)
    remount(at, 'ro')
    await expectReaders(words => workspace.run(words))
    await expectWritersRefused(workspace, words => workspace.run(words), 'EROFS')
    remount(at, 'rw')
    await workspace.done(['complete', 'ann', 'first'])
    expect(faultsInLog(workspace)).toEqual([])
  })
})
