import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { describeEachLog, type SharedWorkspace } from '../support/log/each-log.ts'
import type { CheckedLine } from '../support/log/log-model.ts'
import { findChainErrors } from '../support/log/log-chain.ts'
import { checkPromises } from '../support/log/log-promises.ts'
import { type GrantedClaim, type McpAgent, protocols, startAgent, type ToolAnswer } from '../support/mcp-agent.ts'
import { seededRandom } from '../programs/seeded-random.mjs'
import type { Random } from '../support/random.ts'
import type { LogLine } from '../support/workspace-on-disk.ts'

/** Random choices are determined by the seed; the interleaving of the processes is not. */
const seed = Number(process.env.FLEET_SEED ?? 20_260_728)
const agentCount = 6

const kinds = ['docs', 'ci', 'build'] as const

const randomGraph = (random: Random, taskCount: number): ReadonlyArray<object> =>
  Array.from({ length: taskCount }, (_, i) => ({
    kind: random.oneOf(kinds) ?? 'docs',
    task_id: `task-${i}`,
    needs: Array.from({ length: i === 0 ? 0 : random.between(0, 3) }, () => `task-${random.between(0, i - 1)}`),
    priority: random.between(0, 9),
    max_attempts: 20,
  }))

/** The tokens of all claims of a task so far, in order. */
const listTokens = (lines: ReadonlyArray<LogLine>, taskId: string): ReadonlyArray<number> =>
  lines.flatMap(({ event, task_id, seq }) => (event === 'claimed' && task_id === taskId ? [seq] : []))

/**
 * A scripted agent: claims tasks until there are none left, and completes, fails or releases them at random. If the
 * machine stops its server for a second, another agent may get its task.
 */
const runAgent = async (
  { readLines }: SharedWorkspace,
  agent: McpAgent,
  random: Random,
  isDoomed: () => Promise<boolean>,
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
    if (await isDoomed()) {
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
        expect(listTokens(await readLines(), task_id).at(-1)).toBeGreaterThan(claim.token)
      else expect(completed).toMatchObject({ ok: true, status: 'done' })
      next = completed.next as GrantedClaim | undefined
    }
  }
}

describeEachLog(`a fleet of ${agentCount} agents through MCP, of which two are killed (seed ${seed})`, log => {
  const taskCount = log.size(200, 120)
  /** The numbers of done tasks at which the first and the second agent are killed. */
  const killThresholds = [taskCount / 5, taskCount / 2]

  it(`drains a graph of ${taskCount} tasks: each is done once, after its dependencies, by its holder`, async () => {
    const random = seededRandom(seed)
    const place = await log.newWorkspace()
    const agents: Array<McpAgent> = []
    for (let i = 0; i < agentCount; i += 1) {
      const kindFlags = i === 0 ? ['--kinds', 'docs,ci'] : []
      const args = ['--worker', `agent-${i}`, '--lease', '1s', ...kindFlags, ...place.flags]
      agents.push(await startAgent({ cwd: place.dir, args, ...(i % 2 === 0 ? {} : { protocol: protocols[1] }) }))
    }
    await agents[0]?.call('add_tasks', { tasks: randomGraph(random, taskCount) })

    const doomed = new Map(killThresholds.map((done, i) => [i + 1, done]))
    // Each has completed a task before.
    const isDoomed = async (i: number): Promise<boolean> => {
      const threshold = doomed.get(i)
      if (threshold === undefined) return false
      const workers = (await place.readLines()).flatMap(({ event, worker }) => (event === 'completed' ? [worker] : []))
      return workers.length >= threshold && workers.includes(`agent-${i}`)
    }
    const outcomes = await Promise.all(
      agents.map((agent, i) => runAgent(place, agent, seededRandom(seed + i), () => isDoomed(i))),
    )
    expect(outcomes).toEqual(['out of work', 'killed', 'killed', 'out of work', 'out of work', 'out of work'])

    const lines = await place.readLines()
    const { broken, model } = checkPromises(lines as ReadonlyArray<unknown> as ReadonlyArray<CheckedLine>)
    expect(broken).toEqual([])
    expect([...model.tasks.values()].map(({ status }) => status)).toEqual(
      Array.from({ length: taskCount }, () => 'done'),
    )
    const completed = lines.filter(({ event }) => event === 'completed')
    expect(new Set(completed.map(({ task_id }) => task_id)).size).toBe(completed.length)
    expect(completed.filter(({ token, result }) => (result as { readonly token: number }).token !== token)).toEqual([])
    // Other agents did the tasks of the killed agents, after their leases had expired.
    for (const worker of ['agent-1', 'agent-2']) {
      const last = lines.findLast(line => line.event === 'claimed' && line.worker === worker)
      const completion = completed.find(({ task_id }) => task_id === last?.task_id)
      expect(completion?.worker).not.toBe(worker)
      expect(Number(completion?.token)).toBeGreaterThan(last?.seq ?? 0)
    }
    expect(new Set(completed.map(({ worker }) => worker)).size).toBe(agentCount)
    expect(findChainErrors(await place.readText())).toEqual([])
    expect((await place.run(['verify'])).status).toBe(0)
  })
})
