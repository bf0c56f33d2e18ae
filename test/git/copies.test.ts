import { cpSync, existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { answer, temporaryDirectory } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace, workspaceIn } from '../support/cli-workspace.ts'
import { examine } from '../support/examined-workspace.ts'
import { git, newRepository } from '../support/git/git-repository.ts'

const idOf = (workspace: CliWorkspace): unknown => workspace.events()[0]?.['workspace']

test('doctor finds a copy in another worktree of the repository from both, and init turns it into a separate workspace', async () => {
  const here = workspaceIn(newRepository())
  await here.done(['init'])
  await here.done(['add', 'docs', 'one'])
  git(here.cwd, 'add', '-A', '-f')
  git(here.cwd, 'commit', '-q', '-m', 'x')
  const there = workspaceIn(join(temporaryDirectory(), 'wt'))
  git(here.cwd, 'worktree', 'add', '-q', there.cwd)
  expect((await examine(here)).checks['copies']).toMatchObject({ state: 'warning', copies: [there.dir] })
  expect((await examine(there)).checks['copies']).toMatchObject({ state: 'warning', copies: [here.dir] })

  const made = answer(await there.run(['init', '.claimlog', '--from', '.claimlog']))
  expect(made).toMatchObject({ ok: true, created: true, seq: 2, kept_as: join(there.dir, 'events.copied.jsonl') })
  // No longer a copy, but a separate queue next to the other.
  for (const [workspace, other] of [
    [here, there],
    [there, here],
  ] as const) {
    const { copies } = (await examine(workspace)).checks
    expect(copies).toMatchObject({ other_queues: [other.dir] })
    expect(copies).not.toHaveProperty('copies')
  }
})

test('copies in the repository’s worktrees are found by relative paths, from a bare repository, and with a separate git directory', async () => {
  const layouts: ReadonlyArray<(root: string) => string> = [
    root => {
      git(root, 'init', '-q', 'main')
      return join(root, 'main')
    },
    root => {
      git(root, 'init', '-q', '--separate-git-dir', join(root, 'store'), 'main')
      return join(root, 'main')
    },
    root => {
      git(root, 'init', '-q', '--bare', 'main/.bare')
      writeFileSync(join(root, 'main/.git'), 'gitdir: ./.bare\n')
      return join(root, 'main')
    },
    root => {
      git(root, 'init', '-q', '--bare', 'repo.git')
      return join(root, 'repo.git')
    },
  ]
  for (const make of layouts) {
    const root = realpathSync(temporaryDirectory())
    const main = make(root)
    const commit = git(main, 'commit-tree', '-m', 'x', git(main, 'hash-object', '-w', '-t', 'tree', '/dev/null').trim())
    const one = workspaceIn(join(root, 'a/one'))
    const two = workspaceIn(join(root, 'b/c/two'))
    for (const { cwd } of [one, two]) git(main, 'worktree', 'add', '-q', '--detach', cwd, commit.trim())
    // Git 2.48 writes this if worktree.useRelativePaths is set.
    const gitDir = git(two.cwd, 'rev-parse', '--git-dir').trim()
    writeFileSync(join(gitDir, 'gitdir'), `${relative(gitDir, join(two.cwd, '.git'))}\n`)
    await one.done(['init', '.claimlog'])
    cpSync(one.dir, two.dir, { recursive: true })
    expect((await examine(one)).checks['copies']).toMatchObject({ copies: [two.dir] })
    expect((await examine(two)).checks['copies']).toMatchObject({ copies: [one.dir] })
  }
})

test('copies in parent and sibling directories of a project are found, and other workspaces and links are not', async () => {
  const root = temporaryDirectory()
  const here = workspaceIn(join(root, 'a/b'))
  await here.run(['init', here.dir], { cwd: root })
  await workspaceIn(join(root, 'a/other')).run(['init', join(root, 'a/other/.claimlog')], { cwd: root })
  for (const copy of ['.claimlog', 'a/c/.claimlog', 'a/b/.claimlog.bak'])
    cpSync(here.dir, join(root, copy), { recursive: true })
  expect((await examine(here)).checks['copies']?.['copies']).toEqual(
    ['.claimlog', 'a/c/.claimlog', 'a/b/.claimlog.bak'].map(copy => join(root, copy)),
  )
})

test('a workspace made from a copy has the same history under a new id, and is independent', async () => {
  const here = await newWorkspace()
  await here.done(['add', 'docs', 'é', '--title', 'x "y" \u2028'])
  await here.done(['add', '-'], '{"kind":"docs","task_id":"a"}\n{"kind":"docs","task_id":"b","needs":["a"]}\n')
  await here.done(['claim', 'ann', '--task', 'a'])
  const before = here.text('events.jsonl')
  const there = workspaceIn(temporaryDirectory())
  const made = await there.done(['init', '--from', here.dir])
  expect(made).toMatchObject({ created: true, seq: 5, from: join(here.dir, 'events.jsonl') })
  expect(made['workspace']).not.toBe(idOf(here))
  const said = (workspace: CliWorkspace): unknown =>
    workspace.events().map(({ hash: _hash, workspace: _workspace, ...event }) => event)
  expect(said(there)).toEqual(said(here))
  expect(await there.done(['verify', '--json'])).toMatchObject({ ok: true, seq: 5 })
  expect(await there.done(['complete', 'ann', 'a', '--token', '5'])).toMatchObject({ ok: true })
  expect(here.text('events.jsonl')).toBe(before)
  const refused = await there.run(['reconcile', here.dir, '--json'])
  expect(answer(refused)).toMatchObject({ error: 'bad_input' })
})

test('a copy that becomes a separate workspace keeps its old log, and no restored log is reported', async () => {
  const here = await newWorkspace()
  await here.done(['add', 'docs', 'one'])
  const [old, id] = [here.text('events.jsonl'), idOf(here)]
  for (const kept of ['events.copied.jsonl', 'events.copied.2.jsonl']) {
    const made = await here.done(['init', '.claimlog', '--from', '.claimlog'])
    expect(made).toMatchObject({ kept_as: join(here.dir, kept) })
    expect(existsSync(join(here.dir, 'events.jsonl.copying'))).toBe(false)
  }
  expect(readFileSync(join(here.dir, 'events.copied.jsonl'), 'utf8')).toBe(old)
  expect(idOf(here)).not.toBe(id)
  await here.done(['claim', 'ann'])
  expect((await examine(here)).checks['projection']).toMatchObject({ state: 'ok' })
})

test('init --from does not replace an existing workspace, and refuses a damaged or empty log', async () => {
  const [here, other] = [await newWorkspace(), await newWorkspace()]
  const before = other.text('events.jsonl')
  const taken = await other.run(['init', '.claimlog', '--from', here.dir])
  expect({ status: taken.status, ...answer(taken) }).toMatchObject({ status: 2, error: 'bad_input' })
  expect(other.text('events.jsonl')).toBe(before)
  const damaged = here.file('damaged.jsonl', here.text('events.jsonl').replace('900000', '900001'))
  const refused = await here.run(['init', 'new', '--from', damaged])
  expect({ status: refused.status, ...answer(refused) }).toMatchObject({ status: 7, error: 'log_damaged' })
  for (const from of ['none', here.file('empty.jsonl', '')]) {
    const none = await here.run(['init', 'new', '--from', from])
    expect({ status: none.status, ...answer(none) }).toMatchObject({ status: 2, error: 'bad_input' })
  }
  expect((await here.run(['init', 'new'])).status).toBe(0)
})
