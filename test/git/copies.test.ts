import { cpSync, existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { parseOutput, temporaryDirectory } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace, cliWorkspace } from '../support/cli-workspace.ts'
import { runDoctorChecks } from '../support/doctor-checks.ts'
import { git, newRepository } from '../support/git/git-repository.ts'

const readWorkspaceId = (workspace: CliWorkspace): unknown => workspace.readEvents()[0]?.['workspace']

test('doctor finds a copy in another worktree of the repository from both, and init turns it into a separate workspace', async () => {
  const here = cliWorkspace(newRepository())
  await here.runOk(['init'])
  await here.runOk(['add', 'docs', 'one'])
  git(here.cwd, 'add', '-A', '-f')
  git(here.cwd, 'commit', '-q', '-m', 'x')
  const there = cliWorkspace(join(temporaryDirectory(), 'wt'))
  git(here.cwd, 'worktree', 'add', '-q', there.cwd)
  expect((await runDoctorChecks(here)).checks['copies']).toMatchObject({ state: 'warning', copies: [there.dir] })
  expect((await runDoctorChecks(there)).checks['copies']).toMatchObject({ state: 'warning', copies: [here.dir] })

  const created = parseOutput(await there.run(['init', '.claimlog', '--from', '.claimlog']))
  expect(created).toMatchObject({ ok: true, created: true, seq: 2, kept_as: join(there.dir, 'events.copied.jsonl') })
  // No longer a copy, but a separate queue next to the other.
  for (const [workspace, other] of [
    [here, there],
    [there, here],
  ] as const) {
    const { copies } = (await runDoctorChecks(workspace)).checks
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
    const one = cliWorkspace(join(root, 'a/one'))
    const two = cliWorkspace(join(root, 'b/c/two'))
    for (const { cwd } of [one, two]) git(main, 'worktree', 'add', '-q', '--detach', cwd, commit.trim())
    // Git 2.48 writes this if worktree.useRelativePaths is set.
    const gitDir = git(two.cwd, 'rev-parse', '--git-dir').trim()
    writeFileSync(join(gitDir, 'gitdir'), `${relative(gitDir, join(two.cwd, '.git'))}\n`)
    await one.runOk(['init', '.claimlog'])
    cpSync(one.dir, two.dir, { recursive: true })
    expect((await runDoctorChecks(one)).checks['copies']).toMatchObject({ copies: [two.dir] })
    expect((await runDoctorChecks(two)).checks['copies']).toMatchObject({ copies: [one.dir] })
  }
})

test('copies in parent and sibling directories of a project are found, and other workspaces and links are not', async () => {
  const root = temporaryDirectory()
  const here = cliWorkspace(join(root, 'a/b'))
  await here.run(['init', here.dir], { cwd: root })
  await cliWorkspace(join(root, 'a/other')).run(['init', join(root, 'a/other/.claimlog')], { cwd: root })
  for (const copy of ['.claimlog', 'a/c/.claimlog', 'a/b/.claimlog.bak'])
    cpSync(here.dir, join(root, copy), { recursive: true })
  expect((await runDoctorChecks(here)).checks['copies']?.['copies']).toEqual(
    ['.claimlog', 'a/c/.claimlog', 'a/b/.claimlog.bak'].map(copy => join(root, copy)),
  )
})

test('a workspace made from a copy has the same history under a new id, and is independent', async () => {
  const here = await newWorkspace()
  await here.runOk(['add', 'docs', 'é', '--title', 'x "y" \u2028'])
  await here.runOk(['add', '-'], '{"kind":"docs","task_id":"a"}\n{"kind":"docs","task_id":"b","needs":["a"]}\n')
  await here.runOk(['claim', 'ann', '--task', 'a'])
  const before = here.readText('events.jsonl')
  const there = cliWorkspace(temporaryDirectory())
  const created = await there.runOk(['init', '--from', here.dir])
  expect(created).toMatchObject({ created: true, seq: 5, from: join(here.dir, 'events.jsonl') })
  expect(created['workspace']).not.toBe(readWorkspaceId(here))
  const eventsWithoutIds = (workspace: CliWorkspace): unknown =>
    workspace.readEvents().map(({ hash: _hash, workspace: _workspace, ...event }) => event)
  expect(eventsWithoutIds(there)).toEqual(eventsWithoutIds(here))
  expect(await there.runOk(['verify', '--json'])).toMatchObject({ ok: true, seq: 5 })
  expect(await there.runOk(['complete', 'ann', 'a', '--token', '5'])).toMatchObject({ ok: true })
  expect(here.readText('events.jsonl')).toBe(before)
  const refused = await there.run(['reconcile', here.dir, '--json'])
  expect(parseOutput(refused)).toMatchObject({ error: 'bad_input' })
})

test('a copy that becomes a separate workspace keeps its old log, and no restored log is reported', async () => {
  const here = await newWorkspace()
  await here.runOk(['add', 'docs', 'one'])
  const [old, id] = [here.readText('events.jsonl'), readWorkspaceId(here)]
  for (const keptName of ['events.copied.jsonl', 'events.copied.2.jsonl']) {
    const created = await here.runOk(['init', '.claimlog', '--from', '.claimlog'])
    expect(created).toMatchObject({ kept_as: join(here.dir, keptName) })
    expect(existsSync(join(here.dir, 'events.jsonl.copying'))).toBe(false)
  }
  expect(readFileSync(join(here.dir, 'events.copied.jsonl'), 'utf8')).toBe(old)
  expect(readWorkspaceId(here)).not.toBe(id)
  await here.runOk(['claim', 'ann'])
  expect((await runDoctorChecks(here)).checks['projection']).toMatchObject({ state: 'ok' })
})

test('init --from does not replace an existing workspace, and refuses a damaged or empty log', async () => {
  const [here, other] = [await newWorkspace(), await newWorkspace()]
  const before = other.readText('events.jsonl')
  const conflict = await other.run(['init', '.claimlog', '--from', here.dir])
  expect({ status: conflict.status, ...parseOutput(conflict) }).toMatchObject({ status: 2, error: 'bad_input' })
  expect(other.readText('events.jsonl')).toBe(before)
  const damaged = here.writeFile('damaged.jsonl', here.readText('events.jsonl').replace('900000', '900001'))
  const refused = await here.run(['init', 'new', '--from', damaged])
  expect({ status: refused.status, ...parseOutput(refused) }).toMatchObject({ status: 7, error: 'log_damaged' })
  for (const source of ['none', here.writeFile('empty.jsonl', '')]) {
    const none = await here.run(['init', 'new', '--from', source])
    expect({ status: none.status, ...parseOutput(none) }).toMatchObject({ status: 2, error: 'bad_input' })
  }
  expect((await here.run(['init', 'new'])).status).toBe(0)
})
