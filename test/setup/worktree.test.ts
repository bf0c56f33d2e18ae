import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'smol-toml'
import { describe, expect, test } from 'vitest'
import { run } from '../support/claimlog-process.ts'
import { git } from '../support/git/git-repository.ts'
import { addWorktree, newMainCheckout } from '../support/git/linked-worktree.ts'
import { startAgent } from '../support/mcp-agent.ts'
import { type ConfiguredServer, type Project, openProject } from './setup-project.ts'

/**
 * The files of each client, and the folder in which it starts a server unless the entry names one with
 * `${workspaceFolder}`.
 */
const clients = [
  { agent: 'claude-code', file: '.mcp.json', key: 'mcpServers', hooks: '.claude/settings.json', startsIn: '.' },
  { agent: 'codex', file: '.codex/config.toml', key: 'mcp_servers', hooks: '.codex/hooks.json', startsIn: '.' },
  { agent: 'gemini', file: '.gemini/settings.json', key: 'mcpServers', hooks: '.gemini/settings.json', startsIn: '.' },
  { agent: 'cursor', file: '.cursor/mcp.json', key: 'mcpServers', hooks: '.cursor/hooks.json', startsIn: '/' },
  { agent: 'vscode', file: '.vscode/mcp.json', key: 'servers', hooks: '.github/hooks/claimlog.json', startsIn: '/' },
] as const

type AgentClient = (typeof clients)[number]

const readServer = (project: Project, { file, key }: AgentClient): ConfiguredServer => {
  const text = project.text(file)
  const document = (file.endsWith('.toml') ? parse(text) : JSON.parse(text)) as Record<
    string,
    Record<string, ConfiguredServer>
  >
  return document[key]?.['claimlog'] as ConfiguredServer
}

/** Starts the server like a client that has the project's folder open. */
const startServer = (project: Project, client: AgentClient) => {
  const { args, cwd = client.startsIn } = readServer(project, client)
  const expandFolder = (word: string): string => word.replace('${workspaceFolder}', project.cwd)
  const from = cwd === '.' ? project.cwd : expandFolder(cwd)
  return startAgent({ cwd: from, args: args.slice(args.indexOf('mcp') + 1).map(expandFolder) })
}

/** A main checkout with an agent's files committed, and a linked worktree of it. */
const worktreeWithCommittedFiles = async (client: AgentClient) => {
  const { parentDir, main } = newMainCheckout()
  const inMain = openProject(main)
  await inMain.setup([client.agent])
  git(main, 'add', '-A')
  git(main, 'commit', '-q', '-m', 'set up')
  return { parentDir, inMain, inWorktree: openProject(addWorktree(main, join(parentDir, 'worktree'))) }
}

describe.each(clients)('$agent in a linked worktree, with the committed files', client => {
  test('uses the queue of the main checkout in its server and its hooks', async () => {
    const { inMain, inWorktree } = await worktreeWithCommittedFiles(client)
    await inMain.run(['init'])
    await inMain.run(['add', 'docs', 'shared'])
    const agent = await startServer(inWorktree, client)
    expect(await agent.call('claim_task', { kinds: ['docs'] })).toMatchObject({ task: { id: 'shared' } })
    expect((await inMain.run(['show', 'shared'])).stdout).toMatch(/^claim +test-agent-/m)
    await agent.call('release_task', { task_id: 'shared' })

    const hooks = readFileSync(join(inWorktree.cwd, client.hooks), 'utf8')
    const command = /"([^"]* prime [^"]*--hook [^"]*)"/.exec(hooks)?.[1] ?? ''
    const startHook = await run('sh', ['-c', command], { cwd: inWorktree.cwd, input: '{}' })
    expect(startHook).toMatchObject({ status: 0, stderr: '' })
    expect(startHook.stdout).toContain('docs, 1: shared')

    const view = await inWorktree.setup([client.agent, '--check'])
    expect(view).toMatchObject({ workspace: join(inMain.cwd, '.claimlog') })
    const { stdout } = await inWorktree.run(['setup', client.agent, '--check'])
    expect(stdout).toContain(`is set up here\n`)
    expect(stdout).toContain(`→ The queue is ${inMain.cwd}/.claimlog.\n`)
  })

  test('reports that there is no queue, and how to create one that all worktrees share', async () => {
    const { inMain, inWorktree } = await worktreeWithCommittedFiles(client)
    const hint = `claimlog init ${inMain.cwd}/.claimlog creates one that all worktrees share`
    const view = await inWorktree.setup([client.agent, '--check'])
    expect(view['workspace']).toBeUndefined()
    expect(view['workspace_problem']).toMatchObject({
      error: 'no_workspace',
      hint: expect.stringContaining(hint) as string,
    })
    for (const words of [[client.agent, '--check'], [client.agent], []]) {
      const { stdout } = await inWorktree.run(['setup', ...words])
      expect(stdout).toContain(hint)
      expect(stdout).not.toContain('is set up here\n')
    }
    const prime = await inWorktree.run(['prime'])
    expect(prime).toMatchObject({ status: 2, stdout: '' })
    expect(prime.stderr).toContain(hint)
    const agent = await startServer(inWorktree, client)
    const { answer: refused } = await agent.callRaw('claim_task')
    expect(refused).toMatchObject({ ok: false, error: 'no_workspace' })
    // Created meanwhile, as the hint says: the server uses it.
    await inWorktree.run(['init', join(inMain.cwd, '.claimlog')])
    await inWorktree.run(['add', 'docs', 'later'])
    expect(await agent.call('claim_task')).toMatchObject({ task: { id: 'later' } })
  })
})

test('a clone without a queue shows how to create one, and its hooks print nothing', async () => {
  const { inMain } = await worktreeWithCommittedFiles(clients[0])
  const clone = openProject(join(dirname(inMain.cwd), 'clone'))
  git(dirname(inMain.cwd), 'clone', '-q', inMain.cwd, clone.cwd)
  const { stdout } = await clone.run(['setup', 'claude-code', '--check'])
  expect(stdout).toContain('Claude Code is set up here, but finds no queue\n')
  expect(stdout).toContain('claimlog init creates one in this directory')
  expect(await clone.run(['prime', '--hook', 'claude-code'])).toEqual({ status: 0, stdout: '', stderr: '' })
})

test('a worktree whose main checkout was moved explains the repair in its hooks too', async () => {
  const { inMain, inWorktree } = await worktreeWithCommittedFiles(clients[0])
  renameSync(inMain.cwd, `${inMain.cwd}-moved`)
  const { stdout } = await inWorktree.run(['setup', 'claude-code'])
  expect(stdout).toContain('git worktree repair')
  const hook = await inWorktree.run(['prime', '--hook', 'claude-code'])
  expect(hook).toMatchObject({ status: 1, stdout: '' })
  expect(hook.stderr).toContain('git worktree repair')
})

test('setup reports a queue that was named and does not exist', async () => {
  const { main } = newMainCheckout()
  const project = openProject(main)
  const elsewhere = join(dirname(main), 'queue')
  const { stdout } = await project.run(['setup', 'gemini', '--dir', elsewhere])
  expect(stdout).toContain('Gemini CLI is set up here, but finds no queue\n')
  expect(stdout).toContain(`claimlog init ${elsewhere} creates a workspace there`)
  await project.run(['init', elsewhere])
  const withQueue = await project.run(['setup', 'gemini', '--dir', elsewhere])
  expect(withQueue.stdout).toContain(`→ The queue is ${elsewhere}.\n`)
})

describe('an entry of an older version, with the workspace under ${workspaceFolder}', () => {
  test.each([
    [
      clients[3],
      '"mcpServers": { "claimlog": { "command": "claimlog", "args": ["mcp", "--dir", "${workspaceFolder}/.claimlog", "--kinds", "docs"] } }',
    ],
    [
      clients[4],
      '"servers": { "claimlog": { "type": "stdio", "command": "claimlog", "args": ["mcp", "--dir", "${workspaceFolder}/.claimlog", "--kinds", "docs"] } }',
    ],
  ])('counts as the entry of setup, and is updated: $agent', async (client, entry) => {
    const { main } = newMainCheckout()
    const project = openProject(main)
    project.write(client.file, `{ ${entry} }`)
    expect((await project.run(['setup', client.agent, '--check'])).status).toBe(6)
    await project.setup([client.agent])
    const { args, cwd } = readServer(project, client)
    expect(args.slice(1)).toEqual(
      client.agent === 'cursor'
        ? ['mcp', '--cwd', '${workspaceFolder}', '--kinds', 'docs']
        : ['mcp', '--kinds', 'docs'],
    )
    expect(cwd).toBe(client.agent === 'vscode' ? '${workspaceFolder}' : undefined)
    await project.setup([client.agent, '--remove'])
    expect(project.text(client.file)).not.toContain('claimlog')
  })
})

describe('claimlog mcp --cwd', () => {
  test('sets the start directory for the workspace and for the name of the agent', async () => {
    const { parentDir, main } = newMainCheckout()
    await openProject(main).run(['init'])
    await openProject(main).run(['add', 'docs', 't'])
    const nested = join(main, 'packages/a')
    mkdirSync(nested, { recursive: true })
    const here = await startAgent({ cwd: main })
    const { claim } = (await here.call('claim_task')) as { readonly claim: { readonly worker: string } }
    await here.call('release_task', { task_id: 't' })
    await here.close()
    const there = await startAgent({ cwd: '/', args: ['--cwd', nested] })
    expect(await there.call('claim_task')).toMatchObject({ task: { id: 't' }, claim: { worker: claim.worker } })
    await there.call('release_task', { task_id: 't' })
    const relative = await startAgent({ cwd: parentDir, args: ['--cwd', 'main', '--dir', '.claimlog'] })
    expect(await relative.call('claim_task')).toMatchObject({ task: { id: 't' } })
  })

  test('is ignored if a client did not replace the variable', async () => {
    const { main } = newMainCheckout()
    await openProject(main).run(['init'])
    const agent = await startAgent({ cwd: main, args: ['--cwd', '${workspaceFolder}'] })
    expect(await agent.call('list_tasks')).toMatchObject({ ok: true })
  })

  test('is refused by its name if it does not exist', async () => {
    const { main } = newMainCheckout()
    const project = openProject(main)
    writeFileSync(join(main, 'file'), '')
    for (const [name, code] of [
      ['gone', 'ENOENT'],
      ['file', 'ENOTDIR'],
    ]) {
      const refused = await project.run(['mcp', '--cwd', name ?? ''])
      expect(refused).toMatchObject({ status: 2, stdout: '' })
      expect(refused.stderr).toContain(`--cwd ${name} cannot be entered: ${code} (bad_input)`)
    }
    rmSync(join(main, 'file'))
  })
})
