import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  parseOutput,
  claimlog,
  claimlogPath,
  type ProcessResult,
  temporaryDirectory,
} from '../support/claimlog-process.ts'
import { type CliWorkspace, formatDocument, ndjson, newWorkspace, cliWorkspace } from '../support/cli-workspace.ts'
import { startAtBarrier } from '../support/barrier-start.ts'

/** A command that writes, and the same command with other arguments. */
type WriteRequest = {
  readonly words: ReadonlyArray<string>
  readonly input?: string
  readonly other: ReadonlyArray<string>
  readonly otherInput?: string
}

/** A history in which every command that writes occurs; each one depends on the tasks after those before it. */
const history: ReadonlyArray<WriteRequest> = [
  {
    words: ['add', 'docs', 'draft', '--title', 'The draft', '--payload', '{"pages":[1,2]}', '--backoff', '1m..1h'],
    other: ['add', 'docs', 'draft', '--title', 'Another draft'],
  },
  {
    words: ['add', '-'],
    input: ndjson({ kind: 'docs', task_id: 'proof', needs: ['draft'] }, { kind: 'docs' }),
    other: ['add', '-'],
    otherInput: ndjson({ kind: 'docs', task_id: 'proof', needs: ['draft'] }),
  },
  {
    words: ['import', '-', '--kind', 'old'],
    input: '[{"id":"import-a","status":"done"},{"id":"import-b","deps":["import-a"]}]',
    other: ['import', '-', '--kind', 'older'],
    otherInput: '[{"id":"import-a","status":"done"},{"id":"import-b","deps":["import-a"]}]',
  },
  { words: ['claim', 'ann', 'docs', '--lease', '1h'], other: ['claim', 'bob', 'docs', '--lease', '1h'] },
  {
    words: ['renew', 'ann', 'draft', '--lease', '2h', '--progress', '"half"'],
    other: ['renew', 'ann', 'draft', '--lease', '3h', '--progress', '"half"'],
  },
  { words: ['release', 'ann', 'draft', '--reason', 'lunch'], other: ['release', 'ann', 'draft'] },
  { words: ['hold', 'draft', '--reason', 'legal', '--by', 'eve'], other: ['hold', 'draft', '--reason', 'legal'] },
  { words: ['unhold', 'draft'], other: ['unhold', 'proof'] },
  { words: ['amend', 'draft', '--priority', '1', '--tag', 'a'], other: ['amend', 'draft', '--priority', '1'] },
  { words: ['note', 'draft', 'looks good'], other: ['note', 'draft', 'looks bad'] },
  { words: ['pause', 'docs', '--reason', 'no paper'], other: ['pause', 'old', '--reason', 'no paper'] },
  { words: ['resume', 'docs'], other: ['resume', 'old'] },
  { words: ['limit', 'docs', '3'], other: ['limit', 'docs', 'none'] },
  { words: ['claim', 'ann', 'docs', '--count', '2', '--lease', '1h'], other: ['claim', 'ann', 'docs', '--count', '1'] },
  { words: ['complete', 'ann', 'draft', '--result', '{"pages":12}'], other: ['complete', 'ann', 'draft'] },
  { words: ['fail', 'ann', 'docs-4', '--error', 'no disk', '--no-retry'], other: ['fail', 'ann', 'docs-4'] },
  { words: ['retry', 'docs-4', '--reason', 'a new disk'], other: ['retry', 'draft', '--reason', 'a new disk'] },
  { words: ['cancel', 'docs-4', '--reason', 'too late'], other: ['cancel', 'proof', '--reason', 'too late'] },
  { words: ['claim', 'bob', '--task', 'proof', '--lease', 'none'], other: ['claim', 'bob', '--task', 'import-b'] },
  { words: ['fail', 'bob', 'proof', '--error', 'torn'], other: ['fail', 'bob', 'proof', '--error', 'burnt'] },
  { words: ['cancel', 'proof'], other: ['cancel', 'import-b'] },
]

const requestId = (number: number): string => `request-${number}`

/** Sends a command of the history with its request id. */
const send = (workspace: CliWorkspace, number: number): Promise<ProcessResult> => {
  const { words, input = '' } = history[number] as WriteRequest
  return workspace.run([...words, '--request-id', requestId(number)], { input })
}

describe('a repeated request', () => {
  let root: string
  let workspace: CliWorkspace
  const firstResults: Array<ProcessResult> = []
  const immediateRepeats: Array<ProcessResult> = []
  const lastSeqs: Array<number> = []

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'claimlog-requests-'))
    workspace = cliWorkspace(root)
    await workspace.runOk(['init'])
    for (const number of history.keys()) {
      firstResults.push(await send(workspace, number))
      lastSeqs.push(workspace.readEvents().length)
      immediateRepeats.push(await send(workspace, number))
      expect(workspace.readEvents()).toHaveLength(lastSeqs.at(-1) ?? 0)
    }
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  test('returns the first result immediately, and every command of the history was executed once', () => {
    expect(firstResults.map(({ status, stderr }) => [status, stderr])).toEqual(history.map(() => [0, '']))
    expect(immediateRepeats).toEqual(firstResults)
    const requests = workspace.readEvents().flatMap(event => (event['request_id'] === undefined ? [] : [event]))
    expect(new Set(requests.map(event => event['request_id']))).toEqual(new Set([...history.keys()].map(requestId)))
    expect(requests).toHaveLength(workspace.readEvents().length - 1)
  })

  test.concurrent.for([...history.entries()].map(([number, { words }]) => [words.join(' '), number] as const))(
    'returns the first result byte for byte after the tasks have changed: %s',
    async ([, number], { expect }) => {
      const log = workspace.readText('events.jsonl')
      expect(await send(workspace, number)).toEqual(firstResults[number])
      expect(workspace.readText('events.jsonl')).toBe(log)
    },
  )

  const others = [...history.entries()].map(([number, { other, otherInput }]) => [number, other, otherInput] as const)
  const notes = [0, 1, 3, 14].map(number => [number, ['note', 'draft', 'as good as done'], undefined] as const)
  const reusedIds = [...others, ...notes].map(
    ([number, words, input]) => [history[number]?.words.join(' '), words.join(' '), number, words, input] as const,
  )

  test.concurrent.for(reusedIds)(
    'is refused if the same id has another command: %s, then %s',
    async ([, , number, words, input = ''], { expect }) => {
      const log = workspace.readText('events.jsonl')
      const result = await workspace.run([...words, '--request-id', requestId(number)], { input })
      const { message, ...rest } = parseOutput(result)
      expect({ status: result.status, stderr: result.stderr, ...rest }).toEqual({
        status: 6,
        stderr: '',
        ok: false,
        error: 'request_reused',
        hint: 'use a new id for each request',
        request_id: requestId(number),
        seq: number === 0 ? 2 : (lastSeqs[number - 1] ?? 0) + 1,
      })
      expect(message).toContain(requestId(number))
      expect(workspace.readText('events.jsonl')).toBe(log)
    },
  )
})

test('init with the same request id creates one workspace, and returns the same result twice', async () => {
  const workspace = cliWorkspace(temporaryDirectory())
  const words = ['init', '--lease', '1h', '--backoff', '1s..1m', '--request-id', 'new-queue']
  const created = await workspace.run(words)
  const log = workspace.readText('events.jsonl')
  expect(parseOutput(created)).toMatchObject({ ok: true, created: true, seq: 1 })
  expect(await workspace.run(words)).toEqual(created)
  expect(workspace.readText('events.jsonl')).toBe(log)
})

test('a relative time counts from the first request', async () => {
  const workspace = await newWorkspace()
  const requests = [
    ['add', 'docs', 'in-an-hour', '--in', '1h', '--request-id', 'a'],
    ['add', 'docs', 'from-now', '--at', 'now', '--request-id', 'b'],
    ['amend', 'in-an-hour', '--in', '2h', '--request-id', 'c'],
    ['amend', 'in-an-hour', '--at', 'now', '--request-id', 'd'],
  ]
  const firstResults: Array<ProcessResult> = []
  for (const words of requests) firstResults.push(await workspace.run(words))
  const log = workspace.readText('events.jsonl')
  expect(firstResults.map(({ status }) => status)).toEqual([0, 0, 0, 0])
  expect(await Promise.all(requests.map(words => workspace.run(words)))).toEqual(firstResults)
  expect(workspace.readText('events.jsonl')).toBe(log)
})

test('a claim with --expect-seq has the same result again, even if the log has grown', async () => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 'task'])
  const words = ['claim', 'ann', 'docs', '--expect-seq', '2', '--request-id', 'r']
  const claimed = await workspace.run(words)
  expect(parseOutput(claimed)).toMatchObject({ ok: true, claim: { worker: 'ann', token: 3 }, seq: 3 })
  await workspace.runOk(['complete', 'ann', 'task'])
  const log = workspace.readText('events.jsonl')
  expect(await workspace.run(words)).toEqual(claimed)
  expect(workspace.readText('events.jsonl')).toBe(log)
})

test('a claim that also fails tasks without attempts left is one request', async () => {
  const workspace = await newWorkspace()
  const input = ndjson({ kind: 'docs', task_id: 'lost', max_attempts: 1 }, { kind: 'docs', task_id: 'next' })
  await workspace.runOk(['add', '-'], input)
  await workspace.runOk(['claim', 'ann', 'docs', '--lease', '1ms'])
  const words = ['claim', 'bob', 'docs', '--request-id', 'r']
  const claimed = await workspace.run(words)
  expect(parseOutput(claimed)).toMatchObject({ ok: true, task: { id: 'next' }, seq: 6 })
  expect(workspace.readEvents().slice(4)).toMatchObject([
    { event: 'failed', task_id: 'lost', request_id: 'r', more: true },
    { event: 'claimed', task_id: 'next', request_id: 'r' },
  ])
  await workspace.runOk(['complete', 'bob', 'next'])
  const log = workspace.readText('events.jsonl')
  expect(await workspace.run(words)).toEqual(claimed)
  expect(workspace.readText('events.jsonl')).toBe(log)
})

test('a refused request has no effect, so its id can be used again', async () => {
  const workspace = await newWorkspace()
  const words = ['claim', 'ann', 'docs', '--request-id', 'r']
  expect((await workspace.run(words)).status).toBe(3)
  await workspace.runOk(['add', 'docs', 'task'])
  expect(await workspace.runOk(words)).toMatchObject({ task: { id: 'task' }, seq: 3 })
})

test('eight processes that send the same request at once get the same result, and one event is written', async () => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', '-'], ndjson(...Array.from({ length: 8 }, () => ({ kind: 'docs' }))))
  const script = 'echo ready >&2; read -r _; exec "$@"'
  const claim = [process.execPath, claimlogPath, 'claim', 'ann', 'docs', '--request-id', 'the-one']
  const runner = { command: '/bin/sh', args: ['-c', script, 'sh', ...claim] }
  const results = await startAtBarrier(
    Array.from({ length: 8 }, () => runner),
    workspace.cwd,
  )
  const [event, ...more] = workspace.readEvents().slice(9)
  expect([event, more]).toEqual([
    {
      ...{ seq: 10, event: 'claimed', worker: 'ann', task_id: 'docs-2', attempt: 1, request_id: 'the-one' },
      ...{ lease_until: expect.any(String) as unknown, time: expect.any(String) as unknown },
      hash: expect.any(String) as unknown,
    },
    [],
  ])
  const [lease_until, claimed_at] = [event?.['lease_until'], event?.time]
  const stdout = formatDocument({
    ok: true,
    task: { id: 'docs-2', kind: 'docs', status: 'ready' },
    claim: { worker: 'ann', token: 10, attempt: 1, claimed_at, lease_until },
    seq: 10,
  })
  expect(results).toEqual(Array.from({ length: 8 }, () => ({ status: 0, stdout, stderr: '' })))
  expect(await claimlog(['verify'], { cwd: workspace.cwd })).toMatchObject({ status: 0 })
})

test('a request id is a name: an empty text or one with spaces is refused', async () => {
  const workspace = await newWorkspace()
  const log = workspace.readText('events.jsonl')
  for (const id of ['a b', '', 'a\u0007b', 'x'.repeat(201)]) {
    const result = await workspace.run(['add', 'docs', '--request-id', id])
    expect([result.status, parseOutput(result)]).toMatchObject([2, { error: 'bad_input' }])
  }
  expect(workspace.readText('events.jsonl')).toBe(log)
})
