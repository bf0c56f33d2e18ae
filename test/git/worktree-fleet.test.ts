import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { claimlog, claimlogPath, type ProcessResult, run } from '../support/claimlog-process.ts'
import { ndjson, cliWorkspace } from '../support/cli-workspace.ts'
import { git } from '../support/git/git-repository.ts'
import { addWorktree, newMainCheckout } from '../support/git/linked-worktree.ts'
import type { CheckedLine } from '../support/log/log-model.ts'
import { findChainErrors } from '../support/log/log-chain.ts'
import { checkPromises } from '../support/log/log-promises.ts'
import { type GrantedClaim, type McpAgent, startAgent } from '../support/mcp-agent.ts'

const agents = [0, 1, 2, 3, 4, 5].map(i => `agent-${i}`)
/** The number of times that each disturbance hits each worktree. */
const roundCount = Number(process.env.FLEET_ROUNDS ?? 1)

/** Git operations of people and agents in a worktree, while others are running there. */
const disturbances: ReadonlyArray<(worktree: string, main: string, round: number) => void> = [
  (worktree, _main, round) => {
    writeFileSync(join(worktree, `untracked-${round}`), 'x')
    git(worktree, 'stash', '-u', '-q')
    git(worktree, 'stash', 'pop', '-q')
    git(worktree, 'add', '-A')
    git(worktree, 'commit', '-q', '-m', 'work')
  },
  (worktree, _main, round) => {
    git(worktree, 'checkout', '-q', '-b', `${branchName(worktree)}-side-${round}`)
    git(worktree, 'checkout', '-q', branchName(worktree))
    git(worktree, 'reset', '-q', '--hard', 'HEAD~1')
  },
  (worktree, main) => {
    git(worktree, 'merge', '-q', '--no-edit', 'main')
    writeFileSync(join(main, 'merged'), worktree)
    git(main, 'add', '-A')
    git(main, 'commit', '-q', '--allow-empty', '-m', 'main continues')
    git(main, 'merge', '-q', '--no-edit', branchName(worktree))
  },
  (worktree, main) => {
    for (const checkout of [worktree, main]) {
      writeFileSync(join(checkout, 'litter'), 'x')
      git(checkout, 'clean', '-fdq')
    }
  },
  (worktree, main) => {
    writeFileSync(join(main, 'litter'), 'x')
    git(main, 'stash', '-u', '-q')
    git(main, 'worktree', 'remove', '--force', worktree)
    git(main, 'worktree', 'add', '-q', worktree, branchName(worktree))
  },
]

const branchName = (worktree: string): string => worktree.split('/').at(-1) ?? ''

/** Works like an agent through MCP, until no task is ready after `isFinished`. */
const workThroughMcp = async (agent: McpAgent, isFinished: () => boolean): Promise<void> => {
  for (;;) {
    const isLast = isFinished()
    const claimed = await agent.call('claim_task')
    if (claimed.ok === true) {
      const { task, claim } = claimed as unknown as GrantedClaim
      const completed = await agent.call('complete_task', { task_id: task.id, result: { token: claim.token } })
      expect(completed).toMatchObject({ ok: true, status: 'done' })
      continue
    }
    expect(claimed).toMatchObject({ error: 'no_ready_task' })
    if (isLast) return
    await sleep(20)
  }
}

const workInShell = (worktree: string, worker: string, finished: string): Promise<ProcessResult> => {
  const program = fileURLToPath(new URL('../programs/claim-in-a-worktree.sh', import.meta.url))
  return run('sh', [program, claimlogPath, worktree, worker, finished], { cwd: '/' })
}

/** Every log below a directory. */
const findLogs = (dir: string): ReadonlyArray<string> =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('events.jsonl'))

describe('six agents in six worktrees of one repository, three through MCP and three in a shell', () => {
  it('share one queue and do each task once, while git stashes, checks out, merges, cleans, removes and adds', async () => {
    const { parentDir, main } = newMainCheckout()
    const finished = join(parentDir, 'finished')
    const worktrees = agents.map(name => addWorktree(main, join(parentDir, name)))
    expect((await claimlog(['init'], { cwd: worktrees[0] ?? '' })).status).toBe(0)
    const workspace = cliWorkspace(main)
    let isFinished = false
    const workers = worktrees.map(async (worktree, i) => {
      const name = agents[i] ?? ''
      if (i % 2 === 1) return workInShell(worktree, name, finished)
      const agent = await startAgent({ cwd: worktree, args: ['--worker', name, '--kinds', `${name},docs`] })
      return workThroughMcp(agent, () => isFinished)
    })

    let taskCount = 0
    for (let round = 0; round < roundCount; round += 1)
      for (const disturb of disturbances)
        for (const worktree of worktrees) {
          disturb(worktree, main, round)
          // Each worktree has tasks of its kind, so that each takes part, and tasks that all compete for.
          const kinds = [branchName(worktree), 'docs', 'docs']
          const tasks = kinds.map(kind => ({ kind, task_id: `task-${(taskCount += 1)}` }))
          const added = await claimlog(['add', '-'], { cwd: worktree, input: ndjson(...tasks) })
          expect(added).toMatchObject({ status: 0, stderr: '' })
        }
    isFinished = true
    writeFileSync(finished, '')
    for (const [i, result] of (await Promise.all(workers)).entries())
      if (result !== undefined) expect({ i, ...result }).toEqual({ i, status: 0, stdout: '', stderr: '' })

    expect(findLogs(parentDir)).toEqual(['main/.claimlog/events.jsonl'])
    const { broken, model } = checkPromises(
      workspace.readEvents() as ReadonlyArray<unknown> as ReadonlyArray<CheckedLine>,
    )
    expect(broken).toEqual([])
    const statuses = [...model.tasks.values()].map(({ status }) => status)
    expect(statuses).toEqual(Array.from({ length: taskCount }, () => 'done'))
    for (const event of ['claimed', 'completed'])
      expect(workspace.readEvents().filter(line => line.event === event)).toHaveLength(taskCount)
    const completed = workspace.readEvents().filter(({ event }) => event === 'completed')
    expect(new Set(completed.map(({ task_id }) => task_id)).size).toBe(taskCount)
    expect(completed.filter(({ token, result }) => (result as { readonly token: number }).token !== token)).toEqual([])
    expect(new Set(completed.map(({ worker }) => worker))).toEqual(new Set(agents))
    expect(findChainErrors(workspace.readText('events.jsonl'))).toEqual([])
    expect((await workspace.run(['verify'])).status).toBe(0)
  }, 300_000)
})
