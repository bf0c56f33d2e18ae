import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeWorkspace } from '@claimlog/discovery'
import { openWorkspaceParts } from './local-queue.ts'
import type { Workspace } from '@claimlog/workspace'

/** Every file of a directory with its inode, modification time and content. */
const listFiles = (dir: string): ReadonlyArray<unknown> =>
  (readdirSync(dir, { recursive: true }) as Array<string>).sort().map(name => {
    const { ino, mtimeNs } = statSync(join(dir, name), { bigint: true })
    return [name, ino, mtimeNs, statSync(join(dir, name)).isFile() ? readFileSync(join(dir, name), 'utf8') : 'folder']
  })

/** A workspace of two tasks, in which commands write `queue.json` before they return. */
const workspaceOnDisk = async () => {
  const dir = mkdtempSync(join(tmpdir(), 'claimlog-reading-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  makeWorkspace(dir, false)
  const notices: Array<string> = []
  const opened = await openWorkspaceParts({
    place: { _tag: 'directory', dir },
    mode: 'each',
    notify: ({ notice }) => void notices.push(notice),
  })()
  if (E.isLeft(opened)) throw new Error(JSON.stringify(opened.left))
  const { workspace } = opened.right
  const tasks = ['a', 'b'].map(taskId => ({ taskId, kind: 'docs' }))
  for (const input of [{ command: 'open', workspace: 'w' } as const, { command: 'add', tasks } as const])
    if (E.isLeft(await workspace.run(input)())) throw new Error(`${input.command} failed`)
  return { dir, workspace, notices, queuePath: join(dir, 'queue.json') }
}

const readEverything = async (workspace: Workspace): Promise<void> => {
  const queries = [
    workspace.query(state => state.seq),
    workspace.list(),
    workspace.show('a'),
    workspace.show('none'),
    workspace.status,
    workspace.why('a'),
    workspace.trace('a'),
    workspace.trace('none'),
    workspace.at({ seq: 1 }).status,
    workspace.diff({ seq: 1 }),
  ]
  for (const query of queries) await query()
}

describe('reading a workspace', () => {
  it.each([
    ['is gone', (path: string) => rmSync(path)],
    ['was edited', (path: string) => writeFileSync(path, '{"tasks": []}\n')],
    ['is up to date', () => undefined],
  ])('writes nothing if queue.json %s', async (_how, change) => {
    const { dir, workspace, notices, queuePath } = await workspaceOnDisk()
    change(queuePath)
    const before = listFiles(dir)
    await readEverything(workspace)
    expect(listFiles(dir)).toEqual(before)
    expect(notices).toEqual([])
    await workspace.close()
  })

  it('leaves it to refreshQueueFile to restore queue.json, and to report that it was edited', async () => {
    const { workspace, notices, queuePath } = await workspaceOnDisk()
    const text = readFileSync(queuePath, 'utf8')
    rmSync(queuePath)
    await workspace.refreshQueueFile()
    expect(readFileSync(queuePath, 'utf8')).toBe(text)
    writeFileSync(queuePath, text.replace('ready', 'done'))
    await workspace.refreshQueueFile()
    expect(readFileSync(queuePath, 'utf8')).toBe(text)
    expect(notices).toEqual(['QueueFileEdited'])
    await workspace.close()
  })
})
