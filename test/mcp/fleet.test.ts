import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type CliWorkspace, type LogLine, newWorkspace } from '../support/cli-workspace.ts'
import type { Line } from '../support/log/log-book.ts'
import { chainBreaks } from '../support/log/log-chain.ts'
import { readAgainstPromises } from '../support/log/log-promises.ts'
import { type McpAgent, protocols, startAgent, type ToolAnswer } from '../support/mcp-agent.ts'
import { seededRandom } from '../programs/seeded-random.mjs'
import type { Random } from '../support/random.ts'

/** Random choices are determined by the seed; the interleaving of the processes is not. */
const seed = Number(process.env.FLEET_SEED ?? 20_260_728)
const taskCount = 200
const agentCount = 6
/** The numbers of done tasks at which the first and the second agent are killed. */
const killsAt = [40, 110]

const kinds = ['docs', 'ci', 'build'] as const

const graphOf = (random: Random): ReadonlyArray<object> =>
  Array.from({ length: taskCount }, (_, i) => ({
    kind: random.oneOf(kinds) ?? 'docs',
    task_id: `task-${i}`,
    needs: Array.from({ length: i === 0 ? 0 : random.between(0, 3) }, () => `task-${random.between(0, i - 1)}`),
    priority: random.between(0, 9),
    max_attempts: 20,
  }))

type Handed = { readonly task: { readonly id: string }; readonly claim: { readonly token: number } }

/** The tokens of all claims of a task so far, in order. */
const tokensOf = (lines: ReadonlyArray<LogLine>, taskId: string): ReadonlyArray<number> =>
  lines.flatMap(({ event, task_id, seq }) => (event === 'claimed' && task_id === taskId ? [seq] : []))

/**
 * A scripted agent: claims tasks until there are none left, and completes, fails or releases them at random. If the
 * machine stops its server for a second, another agent may get its task.
 */
const workItOff = async (
  { events }: CliWorkspace,
  agent: McpAgent,
  random: Random,
  isDoomed: () => boolean,
): Promise<'killed' | 'out of work'> => {
  let next: Handed | undefined
  for (;;) {
    const claimed: ToolAnswer =
      next === undefined ? await agent.call('claim_task', { wait_s: 1 }) : { ok: true, ...next }
    if (claimed.ok !== true) {
      expect(claimed).toMatchObject({ error: expect.stringMatching(/^(no_ready_task|wait_timeout)$/) as unknown })
      const { counts } = await agent.call('list_tasks')
      if ((counts as ReadonlyArray<unknown>).length === 0) return 'out of work'
      continue
    }
    const { task, claim } = claimed as unknown as Handed
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
      const completed = await agent.call('complete_task', { task_id, result: { under: claim.token }, next: true })
      if (completed.error === 'lease_lost') expect(tokensOf(events(), task_id).at(-1)).toBeGreaterThan(claim.token)
      else expect(completed).toMatchObject({ ok: true, status: 'done' })
      next = completed.next as Handed | undefined
    }
  }
}

describe(`a fleet of ${agentCount} agents through MCP, of which two are killed (seed ${seed})`, () => {
  it(`drains a graph of ${taskCount} tasks: each is done once, after its dependencies, by its holder`, async () => {
    const random = seededRandom(seed)
    const workspace = await newWorkspace()
    const agents: Array<McpAgent> = []
    for (let i = 0; i < agentCount; i += 1) {
      const words = ['--worker', `agent-${i}`, '--lease', '1s', ...(i === 0 ? ['--kinds', 'docs,ci'] : [])]
      agents.push(await startAgent({ ...workspace, words, ...(i % 2 === 0 ? {} : { protocol: protocols[1] }) }))
    }
    await agents[0]?.call('add_tasks', { tasks: graphOf(random) })

    const doneSoFar = (): number => workspace.events().filter(({ event }) => event === 'completed').length
    const doomed = new Map(killsAt.map((done, i) => [i + 1, done]))
    const ends = await Promise.all(
      agents.map((agent, i) => {
        const end = doomed.get(i)
        return workItOff(workspace, agent, seededRandom(seed + i), () => end !== undefined && doneSoFar() >= end)
      }),
    )
    expect(ends).toEqual(['out of work', 'killed', 'killed', 'out of work', 'out of work', 'out of work'])

    const { broken, book } = readAgainstPromises(workspace.events() as ReadonlyArray<unknown> as ReadonlyArray<Line>)
    expect(broken).toEqual([])
    expect([...book.tasks.values()].map(({ standing }) => standing)).toEqual(
      Array.from({ length: taskCount }, () => 'done'),
    )
    const completed = workspace.events().filter(({ event }) => event === 'completed')
    expect(new Set(completed.map(({ task_id }) => task_id)).size).toBe(completed.length)
    expect(completed.filter(({ token, result }) => (result as { readonly under: number }).under !== token)).toEqual([])
    // Other agents did the tasks of the killed agents, after their leases had expired.
    for (const worker of ['agent-1', 'agent-2']) {
      const last = workspace.events().findLast(line => line.event === 'claimed' && line.worker === worker)
      const doneBy = completed.find(({ task_id }) => task_id === last?.task_id)
      expect(doneBy?.worker).not.toBe(worker)
      expect(doneBy?.token).toBeGreaterThan(last?.seq ?? 0)
    }
    expect(new Set(completed.map(({ worker }) => worker)).size).toBe(agentCount)
    expect(chainBreaks(workspace.text('events.jsonl'))).toEqual([])
    expect((await workspace.run(['verify'])).status).toBe(0)
  })
})
