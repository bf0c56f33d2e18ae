import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type CliWorkspace, workspaceIn } from '../support/cli-workspace.ts'
import { examine } from '../support/examined-workspace.ts'
import { git, newRepository, shell } from '../support/git/git-repository.ts'
import { addWorktree, newMainCheckout } from '../support/git/linked-worktree.ts'

const newQueue = async (root: string): Promise<CliWorkspace> => {
  const workspace = workspaceIn(root)
  await workspace.done(['init', '.claimlog'])
  await workspace.done(['add', 'docs', 't'])
  return workspace
}

/** True if git ignores the log. */
const isIgnored = (root: string): boolean => {
  try {
    git(root, 'check-ignore', '-q', '.claimlog/events.jsonl')
    return true
  } catch {
    return false
  }
}

/** Writes files into a new repository with a workspace, and returns the git check of `doctor`. */
const told = async (files: Readonly<Record<string, string>>) => {
  const root = newRepository()
  const workspace = await newQueue(root)
  rmSync(join(workspace.dir, '.gitignore'))
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text)
  const { ok, checks } = await examine(workspace)
  expect(ok).toBe(true)
  return { root, workspace, check: checks['git'] ?? {} }
}

describe('a workspace in a git checkout', () => {
  const own = '.claimlog/.gitignore'
  it.each<Readonly<Record<string, string>>>([
    {},
    { [own]: '*\n' },
    { [own]: '' },
    { [own]: '*\n!events.jsonl\n' },
    { [own]: '!*\n*\r\n' },
    { [own]: '/events.*\n' },
    { [own]: 'events.json\n' },
    { [own]: '#*\n' },
    { [own]: 'derived/\nqueue.json\n' },
    { [own]: '*/\n' },
    { [own]: '**\n' },
    { [own]: 'event?.jsonl\n' },
    { '.gitignore': '.claimlog\n' },
    { '.gitignore': '/.claimlog/\n' },
    { '.gitignore': '**/.claimlog/**\n' },
    { '.gitignore': '.claimlog/events.jsonl\n' },
    { '.gitignore': 'claimlog/\n' },
    { '.gitignore': '.claimlog/\n', [own]: '!events.jsonl\n' },
    { '.gitignore': '*.jsonl\n', [own]: '!events.jsonl\n' },
    { '.gitignore': '*\n!.claimlog\n' },
    { '.git/info/exclude': '.claimlog/\n' },
  ])('has a warning from doctor exactly if git does not ignore the log: %j', async files => {
    const { root, workspace, check } = await told(files)
    expect({ files, state: check['state'] }).toEqual({ files, state: isIgnored(root) ? 'ok' : 'warning' })
    if (check['state'] === 'ok') return
    expect(check['gitignore']).toBe(own in files ? 'ineffective' : 'missing')
    shell(root, String(check['mend']))
    expect(isIgnored(root)).toBe(true)
    expect((await examine(workspace)).checks['git']).toMatchObject({ state: 'ok' })
  })

  it('has a warning if its .gitignore is a symbolic link, which git does not follow', async () => {
    const { root, workspace } = await told({ ignored: '*\n' })
    symlinkSync('../ignored', join(workspace.dir, '.gitignore'))
    expect(isIgnored(root)).toBe(false)
    expect((await examine(workspace)).checks['git']).toMatchObject({
      state: 'warning',
      gitignore: 'ineffective',
      mend: expect.stringMatching(/^remove the link, then printf /) as unknown,
    })
  })
})

describe('a linked worktree with a separate queue', () => {
  it('is reported in the main checkout, and the other way round, until one is deleted', async () => {
    const { main, above } = newMainCheckout()
    const there = addWorktree(main, join(above, 'wt'))
    const [ours, theirs] = [await newQueue(main), await newQueue(there)]
    for (const [workspace, other] of [
      [ours, theirs],
      [theirs, ours],
    ] as const) {
      const { ok, checks } = await examine(workspace)
      expect(ok).toBe(true)
      expect(checks['copies']).toMatchObject({ state: 'warning', other_queues: [other.dir] })
      expect(checks['copies']).not.toHaveProperty('copies')
    }
    await theirs.done(['add', 'docs', 'only-there'])
    await theirs.done(['cancel', 't'])
    const [, command = ''] =
      /(claimlog import .*?) imports/.exec(String((await examine(theirs)).checks['copies']?.['mend'])) ?? []
    shell(there, command)
    expect(await ours.done(['show', 'only-there', '--json'])).toMatchObject({
      task: { status: 'ready' },
    })
    rmSync(theirs.dir, { recursive: true })
    expect((await examine(ours)).checks['copies']).toMatchObject({ state: 'ok' })
  })

  it('is reported if its queue is in a subdirectory, and a queue with another name is not reported', async () => {
    const { main, above } = newMainCheckout()
    const there = addWorktree(main, join(above, 'wt'))
    mkdirSync(join(there, 'packages/a'), { recursive: true })
    const [ours, theirs] = [await newQueue(main), await newQueue(join(there, 'packages/a'))]
    expect((await examine(theirs)).checks['copies']).toMatchObject({ other_queues: [ours.dir] })
    await ours.done(['init', join(there, 'queue')])
    expect((await examine(ours)).checks['copies']).toMatchObject({ state: 'ok' })
    const elsewhere = workspaceIn(join(above, 'other'))
    mkdirSync(elsewhere.cwd)
    await elsewhere.done(['init'])
    expect((await examine(elsewhere)).checks['copies']).toMatchObject({ state: 'ok' })
  })
})
