import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { claimlogPath, cleanEnvironment } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace, ndjson } from '../support/cli-workspace.ts'
import { readAgainstPromises } from '../support/log/log-promises.ts'
import type { Line } from '../support/log/log-book.ts'
import { startAgent } from '../support/mcp-agent.ts'
import { seededRandom } from '../programs/seeded-random.mjs'

const rounds = 40

describe('two servers that claim one task at the same time', () => {
  it('have one winner per round, and each of them wins some rounds', async () => {
    const workspace = await newWorkspace()
    const ids = Array.from({ length: rounds }, (_, i) => `t${i}`)
    await workspace.done(['add', '-'], ndjson(...ids.map(task_id => ({ kind: 'docs', task_id }))))
    const agents = [
      await startAgent({ ...workspace, words: ['--worker', 'ann'] }),
      await startAgent({ ...workspace, words: ['--worker', 'bob'], protocol: '2026-07-28' }),
    ]
    const won = new Map<unknown, number>()
    for (const [round, task_id] of ids.entries()) {
      // The first call has a head start of some microseconds, so the two take turns.
      const inTurn = round % 2 === 0 ? agents : [...agents].reverse()
      const answers = await Promise.all(inTurn.map(agent => agent.call('claim_task', { task_id })))
      const [winner, ...others] = answers.filter(({ ok }) => ok === true)
      const [loser] = answers.filter(({ ok }) => ok === false)
      expect(others).toEqual([])
      const { worker } = winner?.claim as { readonly worker: string }
      expect(loser).toMatchObject({ error: 'already_claimed', claim: { worker } })
      won.set(worker, (won.get(worker) ?? 0) + 1)
    }
    expect([...won.keys()].sort()).toEqual(['ann', 'bob'])
    const claims = workspace.events().filter(({ event }) => event === 'claimed')
    expect(claims.map(({ task_id }) => task_id)).toEqual(ids)
  })
})

const kills = 12
const seed = 7

describe(`a server that is killed in the middle of a claim (seed ${seed})`, () => {
  it('leaves a valid log: the task is free, or claimed until its lease expires, and then another worker gets it', async () => {
    const random = seededRandom(seed)
    const workspace = await newWorkspace()
    for (let round = 0; round < kills; round += 1) {
      const task_id = `t${round}`
      await workspace.done(['add', 'docs', task_id])
      const agent = await startAgent({ ...workspace, words: ['--worker', 'ann', '--lease', '300ms'] })
      // Opening the workspace takes longer than the claim: in some rounds it is open already.
      if (random.chance(50)) await agent.call('list_tasks')
      const claimed = agent.call('claim_task', { task_id }).catch(() => undefined)
      await sleep(random.between(0, 25))
      agent.signal('SIGKILL')
      await claimed
      const taken = await workspace.done(['claim', 'bob', '--task', task_id, '--wait'])
      expect(taken).toMatchObject({ task: { id: task_id }, claim: { worker: 'bob' } })
      await workspace.done(['complete', 'bob', task_id])
    }
    expect((await workspace.run(['verify'])).status).toBe(0)
    expect(readAgainstPromises(workspace.events() as ReadonlyArray<unknown> as ReadonlyArray<Line>).broken).toEqual([])
    const byAnn = workspace.events().filter(({ event, worker }) => event === 'claimed' && worker === 'ann')
    expect({ some: byAnn.length > 0, most: byAnn.length <= kills }).toEqual({ some: true, most: true })
  })
})

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
}

/** A server with stdin and stdout as pipes. */
const serverIn = ({ cwd }: CliWorkspace) =>
  spawn(process.execPath, [claimlogPath, 'mcp'], { cwd, env: cleanEnvironment(), stdio: 'pipe' })

/** Input that no client should send. */
const nonsense: ReadonlyArray<readonly [what: string, written: string | Uint8Array]> = [
  ['invalid JSON', 'hello\n\n{"jsonrpc":\n'],
  ['JSON that is not a message', '[]\nnull\n{"jsonrpc": "1.0"}\n{"jsonrpc": "2.0", "method": 5, "id": {}}\n'],
  ['bytes that are not UTF-8', new Uint8Array([0xff, 0xfe, 0x00, 0x0a])],
  ['a message without an end', `{"jsonrpc": "2.0", "id": 9, "method": "${'x'.repeat(200_000)}`],
  ['a call of an unknown tool', `${JSON.stringify(calling(3, 'drop_tables', {}))}\n`],
  [
    'arguments of every other shape',
    [null, [], 'text', 7].map((given, i) => `${JSON.stringify(calling(i + 3, 'add_tasks', given))}\n`).join(''),
  ],
]

describe('a server whose client sends malformed messages', () => {
  it.each(nonsense)('changes nothing, and still answers the next request: %s', async (_what, written) => {
    const workspace = await newWorkspace()
    const server = serverIn(workspace)
    let answers = ''
    server.stdout.on('data', (chunk: Buffer) => (answers += chunk.toString()))
    server.stdin.write(`${JSON.stringify(initialize)}\n`)
    server.stdin.write(written)
    if (!String(written).endsWith('x')) {
      server.stdin.write(`\n${JSON.stringify(calling(99, 'list_tasks', {}))}\n`)
      while (!answers.includes('"id":99')) await sleep(20)
    }
    server.stdin.end()
    expect(await once(server, 'exit')).toEqual([0, null])
    expect(workspace.events()).toHaveLength(1)
  })
})

describe('a server whose stdin ends', () => {
  it.each([
    ['before any message', []],
    ['after initialize', [initialize]],
    [
      'while a call waits for a task',
      [initialize, { jsonrpc: '2.0', method: 'notifications/initialized' }, calling(2, 'claim_task', { wait_s: 60 })],
    ],
  ])('exits by itself, and prints no errors: %s', async (_when, messages) => {
    const workspace = await newWorkspace()
    const server = serverIn(workspace)
    let said = ''
    server.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const lines: Array<string> = []
    server.stdout.on('data', (chunk: Buffer) => lines.push(chunk.toString()))
    for (const message of messages) server.stdin.write(`${JSON.stringify(message)}\n`)
    while (messages.length > 0 && lines.length === 0) await sleep(20)
    server.stdin.end()
    expect(await once(server, 'exit')).toEqual([0, null])
    expect(said).toBe('')
    expect(workspace.events()).toHaveLength(1)
  })

  it.each([
    ['SIGTERM', 0],
    ['SIGINT', 130],
    ['SIGHUP', 0],
  ] as const)('exits after %s, with exit code %i', async (signal, code) => {
    const workspace = await newWorkspace()
    await workspace.done(['add', 'docs', 't'])
    const server = serverIn(workspace)
    let answers = ''
    server.stdout.on('data', (chunk: Buffer) => (answers += chunk.toString()))
    for (const message of [initialize, calling(2, 'claim_task', {})]) server.stdin.write(`${JSON.stringify(message)}\n`)
    while (!answers.includes('"id":2')) await sleep(20)
    server.kill(signal)
    expect(await once(server, 'exit')).toEqual([code, null])
    expect(workspace.events().at(-1)).toMatchObject({ event: 'claimed', task_id: 't' })
  })
})

function calling(id: number, name: string, given: unknown) {
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: given } }
}
