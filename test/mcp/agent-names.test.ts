import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type CliWorkspace, ndjson, newWorkspace, cliWorkspace } from '../support/cli-workspace.ts'
import { type CodingAgent, parseAgentName, startCodingAgent } from './coding-agent.ts'
import { git, newRepository } from '../support/git/git-repository.ts'
import { slowPoll } from '../support/worker-command.ts'

const workspaceWithTasks = async (...ids: ReadonlyArray<string>): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', '-'], ndjson(...ids.map(id => ({ kind: 'docs', task_id: id }))))
  return workspace
}

const startAgent = async (cwd: string, client: string, env = {}): Promise<CodingAgent> => {
  const agent = startCodingAgent(cwd, client, env)
  await agent.startServer()
  return agent
}

const readWorker = async (agent: CodingAgent): Promise<unknown> => (await agent.call('list_tasks')).worker

const hookText = (printed: string): string =>
  (JSON.parse(printed) as { readonly hookSpecificOutput: { readonly additionalContext: string } }).hookSpecificOutput
    .additionalContext

describe('an agent in a checkout', () => {
  it('has one name in its server, its hooks and its shell, no matter which of them runs first', async () => {
    for (const first of ['server', 'hook', 'shell']) {
      const { cwd } = await workspaceWithTasks('t')
      const agent = startCodingAgent(cwd, 'claude-code')
      const nameReaders = {
        server: async () => {
          await agent.startServer()
          return readWorker(agent)
        },
        hook: async () => parseAgentName(hookText(await agent.shell('prime --hook claude-code'))),
        shell: () => agent.name(),
      }
      const names = [await nameReaders[first as keyof typeof nameReaders]()]
      for (const [part, name] of Object.entries(nameReaders)) if (part !== first) names.push(await name())
      expect(new Set(names).size).toBe(1)
      if (first !== 'shell') expect(names[0]).toMatch(/^claude-code-[0-9a-f]{6}$/)
      await agent.kill()
    }
  })

  it('continues its claims under the same name after it was killed, twenty times', async () => {
    const { cwd, readEvents } = await workspaceWithTasks('t', 'u')
    let agent = await startAgent(cwd, 'codex-mcp-client')
    const claimed = await agent.call('claim_task', { task_id: 't' })
    const { worker, token } = claimed.claim as { readonly worker: string; readonly token: number }
    expect(worker).toMatch(/^codex-/)
    for (let round = 0; round < 20; round += 1) {
      await agent.kill()
      agent = startCodingAgent(cwd, 'codex-mcp-client')
      if (round % 2 === 0) expect(await agent.name()).toBe(worker)
      await agent.startServer()
      expect(await agent.call('list_tasks')).toMatchObject({
        worker,
        held: ['t'],
        notices: [{ task_id: 't', notice: 'still_held' }],
      })
      expect(await agent.name()).toBe(worker)
    }
    expect(await agent.call('claim_task', { task_id: 't' })).toMatchObject({ ok: true, claim: { worker, token } })
    expect(await agent.call('claim_task')).toMatchObject({ task: { id: 'u' }, also_held: ['t'] })
    expect(await agent.call('complete_task', { task_id: 't', result: 7 })).toMatchObject({ status: 'done' })
    expect(readEvents().filter(({ event }) => event === 'claimed')).toHaveLength(2)
  })

  it('has its claims renewed by the server of its next session', async () => {
    const { cwd, readEvents } = await workspaceWithTasks('t')
    const agent = startCodingAgent(cwd, 'gemini-cli-mcp-client')
    const name = parseAgentName(hookText(await agent.shell('prime --hook gemini')))
    await agent.shell(`claim ${name} docs --lease 15s`)
    await agent.startServer()
    const isRenewed = (): boolean => readEvents().some(({ event, worker }) => event === 'renewed' && worker === name)
    await expect.poll(isRenewed, slowPoll).toBe(true)
  })

  it('keeps its name when only its server is restarted, and when derived files are deleted', async () => {
    const { cwd, dir } = await workspaceWithTasks('t')
    const agent = await startAgent(cwd, 'cursor-vscode')
    const worker = await readWorker(agent)
    await agent.stopServer()
    await agent.startServer()
    expect(await readWorker(agent)).toBe(worker)
    rmSync(join(dir, 'derived'), { recursive: true })
    // The server queues for the name again, because the folder is new.
    await expect.poll(() => agent.name(), { timeout: 30_000, interval: 300 }).toBe(worker)
  })

  it('has the name in CLAIMLOG_WORKER, everywhere', async () => {
    const { cwd } = await workspaceWithTasks('t')
    const agent = await startAgent(cwd, 'claude-code', { CLAIMLOG_WORKER: 'ann' })
    expect([await readWorker(agent), await agent.name()]).toEqual(['ann', 'ann'])
  })

  it('is warned at its end of its own claims only', async () => {
    const { cwd, runOk } = await workspaceWithTasks('t', 'u')
    await runOk(['claim', 'bob', 'docs'])
    const agent = await startAgent(cwd, 'claude-code')
    const warning = (): Promise<string> => agent.shell('prime --open-claims --hook claude-code')
    expect(await warning()).toBe('')
    await agent.call('claim_task')
    expect(JSON.parse(await warning())).toEqual({
      systemMessage: expect.stringMatching(/^claimlog: 1 claim is open: u \(/) as string,
    })
  })
})

describe('two agents', () => {
  it('in one checkout have two names, and an agent that starts alone is shown the claims of the other name', async () => {
    const { cwd } = await workspaceWithTasks('t', 'u')
    const [one, two] = [await startAgent(cwd, 'claude-code'), await startAgent(cwd, 'claude-code')]
    const names = [await readWorker(one), await readWorker(two)]
    expect(names[1]).toBe(`${String(names[0])}-2`)
    expect([await one.name(), await two.name()]).toEqual(names)
    await one.call('claim_task', { task_id: 't' })
    await two.call('claim_task', { task_id: 'u' })
    await one.kill()
    await two.kill()
    const back = await startAgent(cwd, 'claude-code')
    expect(await readWorker(back)).toBe(names[0])
    expect(await back.shell('prime')).toContain(`${String(names[1])} (not running), 1: u\n`)
    const other = await startAgent(cwd, 'claude-code')
    expect(await other.call('list_tasks')).toMatchObject({ worker: names[1], held: ['u'] })
    expect(await other.call('complete_task', { task_id: 't' })).toMatchObject({
      error: 'not_holder',
      message: expect.stringContaining(`not by you (${String(names[1])})`) as string,
    })
  })

  it('take the name that has claims first, because the other name has nothing to continue', async () => {
    const { cwd } = await workspaceWithTasks('t')
    const [one, two] = [await startAgent(cwd, 'claude-code'), await startAgent(cwd, 'claude-code')]
    await readWorker(one)
    const { worker } = (await two.call('claim_task')).claim as { readonly worker: string }
    await one.kill()
    await two.kill()
    expect(await readWorker(await startAgent(cwd, 'claude-code'))).toBe(worker)
  })

  it('of two vendors, or in two worktrees of one repository, have two names and one queue', async () => {
    const root = newRepository()
    git(root, 'commit', '-q', '--allow-empty', '-m', 'x')
    git(root, 'worktree', 'add', '-q', '../wt-of-agents', '-b', 'wt')
    const worktree = join(root, '../wt-of-agents')
    try {
      const workspace = cliWorkspace(root)
      await workspace.runOk(['init'])
      const here = await startAgent(root, 'claude-code')
      const there = await startAgent(worktree, 'claude-code')
      const another = await startAgent(root, 'codex')
      const names = [await readWorker(here), await readWorker(there), await readWorker(another)]
      expect(new Set(names).size).toBe(3)
      expect([await here.name(), await there.name(), await another.name()]).toEqual(names)
      // In a shell that changed to another worktree it is still the same agent.
      expect(parseAgentName(await here.shell('prime', worktree))).toBe(names[0])
    } finally {
      rmSync(worktree, { recursive: true })
    }
  })
})
