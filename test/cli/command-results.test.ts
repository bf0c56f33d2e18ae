import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parseOutput, claimlog, temporaryDirectory } from '../support/claimlog-process.ts'
import {
  type CliWorkspace,
  formatDocument,
  type CliLogLine,
  ndjson,
  newWorkspace,
  cliWorkspace,
} from '../support/cli-workspace.ts'

const labFile = (name: string): string => fileURLToPath(new URL(`../../fixtures/lab/${name}`, import.meta.url))

/** The last event in the log. */
const lastEvent = (workspace: CliWorkspace): CliLogLine => workspace.readEvents().at(-1) as CliLogLine

const addMs = (time: string, ms: number): string => new Date(Date.parse(time) + ms).toISOString()

const minuteMs = 60_000

/** The fields about the machine's boot clock in the first line of a log, on a system that has one. */
const bootClockFields = existsSync('/proc/uptime')
  ? { boot: expect.stringMatching(/^[0-9a-f]{8}$/) as unknown, up_ms: expect.any(Number) as unknown }
  : {}

test('claim and complete print the documents of the reference, field by field', async () => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 'inspect-docs'])

  const claimed = await workspace.run(['claim', 'docs-worker', 'docs'])
  const { time } = lastEvent(workspace)
  expect(claimed).toEqual({
    status: 0,
    stdout: `{
  "ok": true,
  "task": {
    "id": "inspect-docs",
    "kind": "docs",
    "status": "ready"
  },
  "claim": {
    "worker": "docs-worker",
    "token": 3,
    "attempt": 1,
    "claimed_at": "${time}",
    "lease_until": "${addMs(time, 15 * minuteMs)}"
  },
  "seq": 3
}
`,
    stderr: '',
  })

  const completed = await workspace.run(['complete', 'docs-worker', 'inspect-docs'])
  const done = `{
  "ok": true,
  "task": {
    "id": "inspect-docs",
    "kind": "docs",
    "status": "done"
  },
  "seq": 4
}
`
  expect(completed).toEqual({ status: 0, stdout: done, stderr: '' })

  // A repeated complete has the same result, and writes nothing.
  const log = workspace.readText('events.jsonl')
  expect(await workspace.run(['complete', 'docs-worker', 'inspect-docs', '--token', '3'])).toEqual(completed)
  expect(workspace.readText('events.jsonl')).toBe(log)
})

test('init creates a workspace once; the second time it reports that, and changes nothing', async () => {
  const workspace = cliWorkspace(temporaryDirectory())
  const created = await workspace.run(['init'])
  const [opened] = workspace.readEvents()
  const id = opened?.['workspace']
  expect(workspace.readEvents()).toEqual([
    {
      seq: 1,
      event: 'opened',
      format: 1,
      workspace: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as unknown,
      lease_ms: 900_000,
      max_attempts: 3,
      backoff: { first_ms: 10_000, max_ms: 3_600_000 },
      ...bootClockFields,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown,
      hash: expect.stringMatching(/^[0-9a-f]{32}$/) as unknown,
    },
  ])
  expect(created.stdout).toBe(formatDocument({ ok: true, workspace: id, dir: workspace.dir, created: true, seq: 1 }))
  expect(workspace.readText('queue.json')).toBe(formatDocument({ tasks: [], claims: [], seq: 1 }))

  const log = workspace.readText('events.jsonl')
  const repeated = await workspace.run(['init'])
  expect(repeated.stdout).toBe(formatDocument({ ok: true, workspace: id, dir: workspace.dir, created: false, seq: 1 }))
  expect(workspace.readText('events.jsonl')).toBe(log)
})

test('init accepts defaults for a workspace, and a directory', async () => {
  const cwd = temporaryDirectory()
  const dir = join(cwd, 'deep', 'queue')
  const created = await claimlog(['init', 'deep/queue', '--lease', '2h', '--max-attempts', '5', '--by', 'ann'], { cwd })
  expect(parseOutput(created)).toMatchObject({ ok: true, dir, created: true })
  const [opened] = readFileSync(join(dir, 'events.jsonl'), 'utf8').split('\n')
  expect(JSON.parse(opened ?? '')).toMatchObject({ lease_ms: 7_200_000, max_attempts: 5, by: 'ann' })
})

test('add prints the task with all its fields, and generates an id if there is none', async () => {
  const workspace = await newWorkspace()
  expect(await workspace.runOk(['add', 'docs'])).toEqual({
    ok: true,
    task: { id: 'docs-2', kind: 'docs', status: 'ready' },
    seq: 2,
  })
  workspace.writeFile('payload.json', '{"pages":[1,2],"__proto__":{"x":1}}')
  const words = ['add', 'docs', 'write-up', '--title', 'Write it up', '--payload', '@payload.json', '--needs', 'docs-2']
  words.push('--priority', '1', '--max-attempts', '2', '--lease', '90s', '--key', 'k1', '--tag', 'a', '--tag', 'b')
  const added = await workspace.run(words)
  expect(added.stdout).toBe(`{
  "ok": true,
  "task": {
    "id": "write-up",
    "kind": "docs",
    "status": "blocked",
    "title": "Write it up",
    "payload": {
      "pages": [
        1,
        2
      ],
      "__proto__": {
        "x": 1
      }
    },
    "needs": [
      "docs-2"
    ],
    "priority": 1,
    "max_attempts": 2,
    "lease_ms": 90000,
    "key": "k1",
    "tags": [
      "a",
      "b"
    ]
  },
  "seq": 3
}
`)
  const log = workspace.readText('events.jsonl')
  expect(await workspace.run(words)).toEqual(added)
  expect(workspace.readText('events.jsonl')).toBe(log)
})

test('add - adds a batch in one decision, and its tasks can depend on each other in any order', async () => {
  const workspace = await newWorkspace()
  const input = ndjson(
    { kind: 'docs', task_id: 'second', needs: ['first'] },
    { kind: 'docs', task_id: 'first', payload: null, not_before: '2025-01-01T00:00:00.000Z' },
    { kind: 'docs' },
  )
  const tasks = [
    { id: 'second', kind: 'docs', status: 'blocked', needs: ['first'] },
    { id: 'first', kind: 'docs', status: 'ready', payload: null, not_before: '2025-01-01T00:00:00.000Z' },
    { id: 'docs-4', kind: 'docs', status: 'ready' },
  ]
  // A byte order mark, Windows line ends and blank lines are ignored.
  const added = await workspace.run(['add', '-'], { input: `\ufeff\n${input.replaceAll('\n', '\r\n')}\n` })
  expect(added.stdout).toBe(formatDocument({ ok: true, tasks, seq: 4 }))
  expect(workspace.readEvents().map(({ seq, more }) => [seq, more])).toEqual([
    [1, undefined],
    [2, true],
    [3, true],
    [4, undefined],
  ])
})

test('import reads the queue of the lab, and changes no byte the second time', async () => {
  const workspace = await newWorkspace()
  const imported = await workspace.runOk(['import', labFile('queue.json')])
  const since = lastEvent(workspace).time
  expect(imported).toEqual({
    ok: true,
    imported: 3,
    unchanged: 0,
    tasks: [
      { id: 'inspect-docs', kind: 'docs', status: 'ready' },
      { id: 'run-validation', kind: 'validation', status: 'ready' },
      { id: 'publish-summary', kind: 'docs', status: 'blocked', hold: { since } },
    ],
    seq: 5,
  })
  const log = workspace.readText('events.jsonl')
  const repeated = await workspace.runOk(['import', labFile('queue.json')])
  expect(repeated).toEqual({ ok: true, imported: 0, unchanged: 3, tasks: [], seq: 5 })
  expect(workspace.readText('events.jsonl')).toBe(log)
})

test('import reads a task graph with deps as dependencies, and changes no byte the second time', async () => {
  const workspace = await newWorkspace()
  const { tasks } = await workspace.runOk(['import', labFile('tasks.json'), '--kind', 'writing'])
  expect((tasks as ReadonlyArray<Record<string, unknown>>).map(task => Object.values(task))).toEqual([
    ['collect-notes', 'writing', 'done', 'Collect the notes'],
    ['draft-outline', 'writing', 'ready', 'Draft the outline', ['collect-notes']],
    ['write-sections', 'writing', 'blocked', 'Write the sections', ['draft-outline']],
    ['make-figures', 'writing', 'blocked', 'Make the figures', ['draft-outline']],
    ['publish', 'writing', 'blocked', 'Publish', ['write-sections', 'make-figures']],
  ])
  const log = workspace.readText('events.jsonl')
  expect(await workspace.runOk(['import', labFile('tasks.json'), '--kind', 'writing'])).toMatchObject({ unchanged: 5 })
  expect(workspace.readText('events.jsonl')).toBe(log)
})

test('queue.json can be imported into another workspace unchanged', async () => {
  const [from, to] = [await newWorkspace(), await newWorkspace()]
  const rich = '{"kind":"docs","task_id":"rich","title":"日本語 \\u001b","payload":[1e20,1e300,1e-7,-5,null,{}]}\n'
  await from.runOk(['add', '-'], rich + ndjson({ kind: 'docs', task_id: 'done', tags: ['a'] }))
  await from.runOk(['claim', 'ann', '--task', 'done'])
  await from.runOk(['complete', 'ann', 'done', '--result', '{"pages": 12}'])
  await from.runOk(['claim', 'bob', '--task', 'rich'])
  await to.runOk(['import', join(from.dir, 'queue.json')])
  const [source, copy] = [from, to].map(({ readText }) => JSON.parse(readText('queue.json')) as Record<string, unknown>)
  expect(copy?.['tasks']).toEqual(source?.['tasks'])
  expect(copy?.['claims']).toMatchObject([{ worker: 'bob', task_id: 'rich' }])
})

test('renew, release and fail print the task, and the claim if it continues', async () => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 'task', '--max-attempts', '2'])
  const { claim } = await workspace.runOk(['claim', 'ann', 'docs', '--lease', '1m'])
  const firstClaim = claim as Record<string, unknown>

  const renewed = await workspace.run(['renew', 'ann', 'task', '--lease', '2h', '--progress', '{"page":3}'])
  const task = { id: 'task', kind: 'docs', status: 'ready', max_attempts: 2 }
  const until = addMs(lastEvent(workspace).time, 120 * minuteMs)
  const renewedClaim = { ...firstClaim, lease_until: until, progress: { page: 3 } }
  expect(renewed.stdout).toBe(formatDocument({ ok: true, task, claim: renewedClaim, seq: 4 }))

  const released = await workspace.run(['release', 'ann', 'task', '--reason', 'lunch'])
  expect(released.stdout).toBe(formatDocument({ ok: true, task, seq: 5 }))

  await workspace.runOk(['claim', 'bob', '--task', 'task'])
  expect(lastEvent(workspace)).toMatchObject({ event: 'claimed', attempt: 1 })
  const failed = await workspace.run(['fail', 'bob', 'task', '--error', 'no disk', '--retry-in', '1ms'])
  const retryAt = addMs(lastEvent(workspace).time, 1)
  expect(failed.stdout).toBe(
    formatDocument({ ok: true, task: { ...task, error: 'no disk', retry_at: retryAt }, seq: 7 }),
  )

  await workspace.runOk(['claim', 'bob', 'docs'])
  expect(lastEvent(workspace)).toMatchObject({ event: 'claimed', attempt: 2 })
  expect(await workspace.runOk(['fail', 'bob', 'task', '--error', 'still none', '--no-retry'])).toEqual({
    ok: true,
    task: { ...task, status: 'failed', error: 'still none' },
    seq: 9,
  })
})

test('a lease has no end if the claim, the renewal or the task sets none', async () => {
  const workspace = await newWorkspace()
  await workspace.runOk(
    ['add', '-'],
    ndjson({ kind: 'a', task_id: 'one', lease_ms: null }, { kind: 'b' }, { kind: 'c' }),
  )
  const commands: ReadonlyArray<ReadonlyArray<string>> = [
    ['renew', 'ann', 'one', '--progress', '1'],
    ['claim', 'ann', 'b', '--lease', 'none'],
    ['renew', 'bob', 'c-4', '--lease', 'none'],
    ['add', 'd', '--lease', 'none'],
  ]
  await workspace.runOk(['claim', 'bob', 'c'])
  const first = await workspace.runOk(['claim', 'ann', 'a'])
  const answers = await Promise.all(commands.map(words => workspace.run(words)))
  expect(first).toMatchObject({ claim: { lease_until: null } })
  expect(answers.map(answer => [answer.status, parseOutput(answer)])).toMatchObject([
    [0, { claim: { lease_until: null } }],
    [0, { claim: { lease_until: null } }],
    [0, { claim: { lease_until: null } }],
    [0, { task: { lease_ms: null } }],
  ])
})

test('hold and unhold print the task; a repetition changes nothing', async () => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 'task'])
  const holdResult = await workspace.run(['hold', 'task', '--reason', 'legal', '--by', 'ann'])
  const hold = { since: lastEvent(workspace).time, reason: 'legal', by: 'ann' }
  expect(holdResult.stdout).toBe(
    formatDocument({ ok: true, task: { id: 'task', kind: 'docs', status: 'blocked', hold }, seq: 3 }),
  )
  expect(await workspace.run(['hold', 'task'])).toEqual(holdResult)
  const unholdResult = await workspace.run(['unhold', 'task'])
  expect(unholdResult.stdout).toBe(
    formatDocument({ ok: true, task: { id: 'task', kind: 'docs', status: 'ready' }, seq: 4 }),
  )
  expect(await workspace.run(['unhold', 'task'])).toEqual(unholdResult)
  expect(workspace.readEvents()).toHaveLength(4)
})

test('the workspace is the one in --dir, else in CLAIMLOG_DIR, else the nearest .claimlog above', async () => {
  const [here, byFlag, byVariable] = [await newWorkspace(), await newWorkspace(), await newWorkspace()]
  await claimlog(['init', 'a/b/nothing'], { cwd: here.cwd })
  const cwd = join(here.cwd, 'a', 'b')
  const env = { CLAIMLOG_DIR: byVariable.dir }
  await Promise.all([
    claimlog(['add', 'k', 'flag', '--dir', byFlag.dir], { cwd, env }),
    claimlog(['add', 'k', 'variable'], { cwd, env }),
    claimlog(['add', 'k', 'above'], { cwd, env: { CLAIMLOG_BY: 'ann' } }),
  ])
  // An empty variable counts as unset.
  const unset = await claimlog(['add', 'k', 'unset'], { cwd, env: { CLAIMLOG_DIR: '' } })
  expect(unset).toMatchObject({ status: 0 })
  const added = (workspace: CliWorkspace) =>
    workspace
      .readEvents()
      .slice(1)
      .map(({ task_id, by }) => [task_id, by])
  expect([byFlag, byVariable, here].map(added)).toEqual([
    [['flag', undefined]],
    [['variable', undefined]],
    [
      ['above', 'ann'],
      ['unset', undefined],
    ],
  ])
})

test('the lab works from import to trace, and queue.json is rebuilt from the log alone', async () => {
  const workspace = await newWorkspace()
  await workspace.runOk(['import', labFile('queue.json')])
  const [docs, validation] = await Promise.all([
    workspace.runOk(['claim', 'docs-worker', 'docs']),
    workspace.runOk(['claim', 'validator', 'validation']),
  ])
  expect([docs, validation]).toMatchObject([{ task: { id: 'inspect-docs' } }, { task: { id: 'run-validation' } }])
  const none = await workspace.run(['claim', 'second-worker', 'docs'])
  expect([none.status, parseOutput(none)['error']]).toEqual([3, 'no_ready_task'])

  await workspace.runOk(['complete', 'docs-worker', 'inspect-docs'])
  await workspace.runOk(['unhold', 'publish-summary'])
  expect(await workspace.runOk(['claim', 'docs-worker', 'docs'])).toMatchObject({ task: { id: 'publish-summary' } })
  const { steps } = await workspace.runOk(['trace', 'publish-summary', '--json'])
  expect((steps as ReadonlyArray<CliLogLine>).map(({ event }) => event)).toEqual(['added', 'held', 'unheld', 'claimed'])

  // Another stage of the pipeline is a task of another kind, and a worker that claims this kind.
  await workspace.runOk(['add', 'translation', 'to-french'])
  expect(await workspace.runOk(['claim', 'translator', 'translation'])).toMatchObject({ task: { id: 'to-french' } })

  const queue = workspace.readText('queue.json')
  rmSync(join(workspace.dir, 'queue.json'))
  expect(await workspace.run(['replay'])).toMatchObject({ status: 0, stderr: '' })
  expect(workspace.readText('queue.json')).toBe(queue)
  expect(JSON.parse(queue)).toMatchObject({ tasks: [{ status: 'done' }, {}, {}, {}], claims: [{}, {}, {}], seq: 12 })
})

test('claim follows priority, then age, and returns tasks of the given kinds only', async () => {
  const workspace = await newWorkspace()
  const input = ndjson(
    { kind: 'b', task_id: 'other', priority: 0 },
    { kind: 'a', task_id: 'old' },
    { kind: 'a', task_id: 'urgent', priority: 0 },
    { kind: 'a', task_id: 'young' },
  )
  await workspace.runOk(['add', '-'], input)
  const claimed: Array<unknown> = []
  for (const kinds of [['a'], ['a'], ['a', 'b'], []])
    claimed.push(((await workspace.runOk(['claim', 'w', ...kinds]))['task'] as { id: string }).id)
  expect(claimed).toEqual(['urgent', 'old', 'other', 'young'])
})
