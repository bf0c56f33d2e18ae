import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type CliWorkspace, type CliLogLine, newWorkspace } from '../support/cli-workspace.ts'
import type { CheckedLine } from '../support/log/log-model.ts'
import { findChainErrors } from '../support/log/log-chain.ts'
import { checkPromises } from '../support/log/log-promises.ts'
import { type GrantedClaim, type McpAgent, protocols, startAgent, type ToolAnswer } from '../support/mcp-agent.ts'
import { seededRandom } from '../programs/seeded-random.mjs'
import type { Random } from '../support/random.ts'

/** Random choices are determined by the seed; the interleaving of the processes is not. */
const seed = Number(process.env.FLEET_SEED ?? 20_260_728)
const taskCount = 200
const agentCount = 6
/** The numbers of done tasks at which the first and the second agent are killed. */
const killThresholds = [40, 110]

const kinds = ['docs', 'ci', 'build'] as const

const randomGraph = (random: Random): ReadonlyArray<object> =>
  Array.from({ length: taskCount }, (_, i) => ({
    kind: random.oneOf(kinds) ?? 'docs',
    task_id: `task-${i}`,
    needs: Array.from({ length: i === 0 ? 0 : random.between(0, 3) }, () => `task-${random.between(0, i - 1)}`),
    priority: random.between(0, 9),
    max_attempts: 20,
  }))

/** The tokens of all claims of a task so far, in order. */
const listTokens = (lines: ReadonlyArray<CliLogLine>, taskId: string): ReadonlyArray<number> =>
  lines.flatMap(({ event, task_id, seq }) => (event === 'claimed' && task_id === taskId ? [seq] : []))

/**
 * A scripted agent: claims tasks until there are none left, and completes, fails or releases them at random. If the
 * machine stops its server for a second, another agent may get its task.
 */
const runAgent = async (
  { readEvents }: CliWorkspace,
  agent: McpAgent,
  random: Random,
  isDoomed: () => boolean,
): Promise<'killed' | 'out of work'> => {
  let next: GrantedClaim | undefined
  for (;;) {
    const claimed: ToolAnswer =
      next === undefined ? await agent.call('claim_task', { wait_s: 1 }) : { ok: true, ...next }
    if (claimed.ok !== true) {
      expect(claimed).toMatchObject({ error: expect.stringMatching(/^(no_ready_task|wait_timeout)$/) as unknown })
      const { counts } = await agent.call('list_tasks')
      if ((counts as ReadonlyArray<unknown>).length === 0) return 'out of work'
      continue
    }
    const { task, claim } = claimed as unknown as GrantedClaim
    next = undefined
    if (isDoomed()) {
      agent.signal('SIGKILL')
      return 'killed'
    }
    await sleep(random.between(0, 20))
    const task_id = task.id
    if (random.chance(8)) await agent.call('fail_task', { task_id, error: 'no luck', retry_in_s: 0 })
    else if (random.chance(5)) await agent.call('release_task', { task_id, reason: 'not now' })
    else {
      const completed = await agent.call('complete_task', { task_id, result: { token: claim.token }, next: true })
      if (completed.error === 'lease_lost')
        expect(listTokens(readEvents(), task_id).at(-1)).toBeGreaterThan(claim.token)
      else expect(completed).toMatchObject({ ok: true, status: 'done' })
      next = completed.next as GrantedClaim | undefined
    }
  }
}

describe(`a fleet of ${agentCount} agents through MCP, of which two are killed (seed ${seed})`, () => {
  it(`drains a graph of ${taskCount} tasks: each is done once, after its dependencies, by its holder`, async () => {
    const random = seededRandom(seed)
    const workspace = await newWorkspace()
    const agents: Array<McpAgent> = []
    for (let i = 0; i < agentCount; i += 1) {
      const args = ['--worker', `agent-${i}`, '--lease', '1s', ...(i === 0 ? ['--kinds', 'docs,ci'] : [])]
      agents.push(await startAgent({ ...workspace, args, ...(i % 2 === 0 ? {} : { protocol: protocols[1] }) }))
    }
    await agents[0]?.call('add_tasks', { tasks: randomGraph(random) })

    const doneSoFar = (): number => workspace.readEvents().filter(({ event }) => event === 'completed').length
    const doomed = new Map(killThresholds.map((done, i) => [i + 1, done]))
    const outcomes = await Promise.all(
      agents.map((agent, i) => {
        const threshold = doomed.get(i)
        return runAgent(
          workspace,
          agent,
          seededRandom(seed + i),
          () => threshold !== undefined && doneSoFar() >= threshold,
        )
      }),
    )
    expect(outcomes).toEqual(['out of work', 'killed', 'killed', 'out of work', 'out of work', 'out of work'])

    const { broken, model } = checkPromises(
      workspace.readEvents() as ReadonlyArray<unknown> as ReadonlyArray<CheckedLine>,
    )
    expect(broken).toEqual([])
    expect([...model.tasks.values()].map(({ status }) => status)).toEqual(
      Array.from({ length: taskCount }, () => 'done'),
    )
    const completed = workspace.readEvents().filter(({ event }) => event === 'completed')
    expect(new Set(completed.map(({ task_id }) => task_id)).size).toBe(completed.length)
    expect(completed.filter(({ token, result }) => (result as { readonly token: number }).token !== token)).toEqual([])
    // Other agents did the tasks of the killed agents, after their leases had expired.
    for (const worker of ['agent-1', 'agent-2']) {
      const last = workspace.readEvents().findLast(line => line.event === 'claimed' && line.worker === worker)
      const completion = completed.find(({ task_id }) => task_id === last?.task_id)
      expect(completion?.worker).not.toBe(worker)
      expect(completion?.token).toBeGreaterThan(last?.seq ?? 0)
    }
    expect(new Set(completed.map(({ worker }) => worker)).size).toBe(agentCount)
    expect(findChainErrors(workspace.readText('events.jsonl'))).toEqual([])
    expect((await workspace.run(['verify'])).status).toBe(0)
  })
})
