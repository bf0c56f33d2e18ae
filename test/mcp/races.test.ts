import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { claimlogPath, cleanEnvironment, parseOutput } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'
import { describeEachLog } from '../support/log/each-log.ts'
import { checkPromises } from '../support/log/log-promises.ts'
import type { CheckedLine } from '../support/log/log-model.ts'
import { type Protocol, startAgent } from '../support/mcp-agent.ts'
import { seededRandom } from '../programs/seeded-random.mjs'

describeEachLog('two servers that claim one task at the same time', log => {
  const roundCount = log.size(40, 20)

  it('have one winner per round, and each of them wins some rounds', async () => {
    const place = await log.newWorkspace()
    const ids = await place.addTasks('task', roundCount)
    const startNamed = (worker: string, protocol?: Protocol) =>
      startAgent({ cwd: place.dir, args: ['--worker', worker, ...place.flags], ...(protocol && { protocol }) })
    const agents = [await startNamed('ann'), await startNamed('bob', '2026-07-28')]
    const wins = new Map<unknown, number>()
    for (const [round, task_id] of ids.entries()) {
      // The first call has a head start of some microseconds, so the two take turns.
      const orderedAgents = round % 2 === 0 ? agents : [...agents].reverse()
      const answers = await Promise.all(orderedAgents.map(agent => agent.call('claim_task', { task_id })))
      const [winner, ...others] = answers.filter(({ ok }) => ok === true)
      const [loser] = answers.filter(({ ok }) => ok === false)
      expect(others).toEqual([])
      const { worker } = winner?.claim as { readonly worker: string }
      expect(loser).toMatchObject({ error: 'already_claimed', claim: { worker } })
      wins.set(worker, (wins.get(worker) ?? 0) + 1)
    }
    expect([...wins.keys()].sort()).toEqual(['ann', 'bob'])
    const claims = (await place.readLines()).filter(({ event }) => event === 'claimed')
    expect(claims.map(({ task_id }) => task_id)).toEqual(ids)
  })
})

const seed = 7

describeEachLog(`a server that is killed in the middle of a claim (seed ${seed})`, log => {
  const killCount = log.size(12, 6)

  it('leaves a valid log: the task is free, or claimed until its lease expires, and then another worker gets it', async () => {
    const random = seededRandom(seed)
    const place = await log.newWorkspace()
    const runOk = async (args: ReadonlyArray<string>): Promise<Record<string, unknown>> => {
      const result = await place.run(args)
      expect({ args, ...result }).toMatchObject({ status: 0, stderr: '' })
      return parseOutput(result)
    }
    for (let round = 0; round < killCount; round += 1) {
      const task_id = `t${round}`
      await runOk(['add', 'docs', task_id])
      const args = ['--worker', 'ann', '--lease', '300ms', ...place.flags]
      const agent = await startAgent({ cwd: place.dir, args })
      // Opening the workspace takes longer than the claim: in some rounds it is open already.
      if (random.chance(50)) await agent.call('list_tasks')
      const claimed = agent.call('claim_task', { task_id }).catch(() => undefined)
      // In the last round it has its claim already.
      if (round === killCount - 1) await claimed
      else await sleep(random.between(0, 25))
      agent.signal('SIGKILL')
      await claimed
      const reclaimed = await runOk(['claim', 'bob', '--task', task_id, '--wait'])
      expect(reclaimed).toMatchObject({ task: { id: task_id }, claim: { worker: 'bob' } })
      await runOk(['complete', 'bob', task_id])
    }
    expect((await place.run(['verify'])).status).toBe(0)
    const lines = await place.readLines()
    expect(checkPromises(lines as ReadonlyArray<unknown> as ReadonlyArray<CheckedLine>).broken).toEqual([])
    const byAnn = lines.filter(({ event, worker }) => event === 'claimed' && worker === 'ann')
    expect({ some: byAnn.length > 0, most: byAnn.length <= killCount }).toEqual({ some: true, most: true })
  })
})

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
}

/** A server with stdin and stdout as pipes. */
const startServer = ({ cwd }: CliWorkspace) =>
  spawn(process.execPath, [claimlogPath, 'mcp'], { cwd, env: cleanEnvironment(), stdio: 'pipe' })

/** Input that no client should send. */
const malformedInputs: ReadonlyArray<readonly [what: string, written: string | Uint8Array]> = [
  ['invalid JSON', 'hello\n\n{"jsonrpc":\n'],
  ['JSON that is not a message', '[]\nnull\n{"jsonrpc": "1.0"}\n{"jsonrpc": "2.0", "method": 5, "id": {}}\n'],
  ['bytes that are not UTF-8', new Uint8Array([0xff, 0xfe, 0x00, 0x0a])],
  ['a message without an end', `{"jsonrpc": "2.0", "id": 9, "method": "${'x'.repeat(200_000)}`],
  ['a call of an unknown tool', `${JSON.stringify(toolCall(3, 'drop_tables', {}))}\n`],
  [
    'arguments of every other shape',
    [null, [], 'text', 7].map((args, i) => `${JSON.stringify(toolCall(i + 3, 'add_tasks', args))}\n`).join(''),
  ],
]

describe('a server whose client sends malformed messages', () => {
  it.each(malformedInputs)('changes nothing, and still answers the next request: %s', async (_what, input) => {
    const workspace = await newWorkspace()
    const server = startServer(workspace)
    let answers = ''
    server.stdout.on('data', (chunk: Buffer) => (answers += chunk.toString()))
    server.stdin.write(`${JSON.stringify(initialize)}\n`)
    server.stdin.write(input)
    if (!String(input).endsWith('x')) {
      server.stdin.write(`\n${JSON.stringify(toolCall(99, 'list_tasks', {}))}\n`)
      while (!answers.includes('"id":99')) await sleep(20)
    }
    server.stdin.end()
    expect(await once(server, 'exit')).toEqual([0, null])
    expect(workspace.readEvents()).toHaveLength(1)
  })
})

describe('a server whose stdin ends', () => {
  it.each([
    ['before any message', []],
    ['after initialize', [initialize]],
    [
      'while a call waits for a task',
      [initialize, { jsonrpc: '2.0', method: 'notifications/initialized' }, toolCall(2, 'claim_task', { wait_s: 60 })],
    ],
  ])('exits by itself, and prints no errors: %s', async (_when, messages) => {
    const workspace = await newWorkspace()
    const server = startServer(workspace)
    let stderr = ''
    server.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const lines: Array<string> = []
    server.stdout.on('data', (chunk: Buffer) => lines.push(chunk.toString()))
    for (const message of messages) server.stdin.write(`${JSON.stringify(message)}\n`)
    while (messages.length > 0 && lines.length === 0) await sleep(20)
    server.stdin.end()
    expect(await once(server, 'exit')).toEqual([0, null])
    expect(stderr).toBe('')
    expect(workspace.readEvents()).toHaveLength(1)
  })

  it.each([
    ['SIGTERM', 0],
    ['SIGINT', 130],
    ['SIGHUP', 0],
  ] as const)('exits after %s, with exit code %i', async (signal, code) => {
    const workspace = await newWorkspace()
    await workspace.runOk(['add', 'docs', 't'])
    const server = startServer(workspace)
    let answers = ''
    server.stdout.on('data', (chunk: Buffer) => (answers += chunk.toString()))
    for (const message of [initialize, toolCall(2, 'claim_task', {})])
      server.stdin.write(`${JSON.stringify(message)}\n`)
    while (!answers.includes('"id":2')) await sleep(20)
    server.kill(signal)
    expect(await once(server, 'exit')).toEqual([code, null])
    expect(workspace.readEvents().at(-1)).toMatchObject({ event: 'claimed', task_id: 't' })
  })
})

function toolCall(id: number, name: string, args: unknown) {
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } }
}
