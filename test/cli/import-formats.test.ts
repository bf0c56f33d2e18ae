import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parseOutput } from '../support/claimlog-process.ts'
import { type CliWorkspace, ndjson, newWorkspace } from '../support/cli-workspace.ts'

const samplePath = (name: string): string => fileURLToPath(new URL(`../../fixtures/import/${name}`, import.meta.url))

type ReportedWarning = {
  readonly what: string
  readonly name: string
  readonly why: string
  readonly examples: unknown
}
type ImportOutput = {
  readonly tasks: ReadonlyArray<{ readonly id: string }>
  readonly left_out: ReadonlyArray<ReportedWarning>
}

const runImport = async (
  workspace: CliWorkspace,
  words: ReadonlyArray<string>,
  input?: string,
): Promise<ImportOutput> => (await workspace.runOk(['import', ...words], input)) as unknown as ImportOutput

/** Every file of a workspace, by name, as base64. */
const readFiles = ({ dir }: CliWorkspace): ReadonlyMap<string, string> => {
  const names = readdirSync(dir, { recursive: true, withFileTypes: true })
  return new Map(
    names
      .filter(entry => entry.isFile())
      .map(({ parentPath, name }) => {
        const path = join(parentPath, name)
        return [path, readFileSync(path, 'base64')]
      }),
  )
}

/** A document without the fields that depend on time: `since` of a hold, and `seq`. */
const withoutTimes = ({ seq: _seq, dry_run: _dryRun, ...document }: Record<string, unknown>): unknown =>
  JSON.parse(JSON.stringify(document).replaceAll(/"since":"[^"]*"/g, '"since":""'))

const issue = (id: string, more: object = {}): object => ({ id, title: id, issue_type: 'task', ...more })
const dependsOn = (depends_on_id: string): object => ({ dependencies: [{ depends_on_id, type: 'blocks' }] })

test.each([
  ['issues.jsonl', 'beads', 8, { ready: 4, done: 1, blocked: 3 }, 1],
  ['task-master.json', 'task-master', 11, { done: 2, ready: 2, blocked: 6, cancelled: 1 }, 1],
  ['gh-issues.json', 'github', 4, { blocked: 1, done: 1, cancelled: 1, ready: 1 }, 0],
  ['checklist.md', 'markdown', 8, { done: 2, blocked: 2, ready: 4 }, 0],
])(
  '%s has a dry run that changes nothing, is imported, and is unchanged the second time',
  async (name, format, n, statuses, claimed) => {
    const workspace = await newWorkspace()
    await workspace.runOk(['add', 'docs'])
    const before = readFiles(workspace)

    const dryRun = await workspace.runOk(['import', samplePath(name), '--dry-run'])
    expect(dryRun).toMatchObject({
      dry_run: true,
      format,
      imported: n,
      unchanged: 0,
      counts: { statuses, claimed },
      seq: 2,
    })
    expect(readFiles(workspace)).toEqual(before)

    const firstImport = await workspace.runOk(['import', samplePath(name)])
    expect(withoutTimes(firstImport)).toEqual(withoutTimes(dryRun))
    const log = workspace.readText('events.jsonl')
    for (const flags of [[], ['--dry-run'], ['--from', format]])
      expect(await workspace.runOk(['import', samplePath(name), ...flags])).toMatchObject({
        imported: 0,
        unchanged: n,
        tasks: [],
      })
    expect(workspace.readText('events.jsonl')).toBe(log)
    await workspace.runOk(['verify', '--json'])
  },
)

test('an assignee in the other tool has the claim here, for the default lease', async () => {
  const workspace = await newWorkspace()
  await runImport(workspace, [samplePath('issues.jsonl')])
  const { time } = workspace.readEvents().find(({ event, worker }) => event === 'claimed' && worker === 'jonas') ?? {}
  expect(await workspace.runOk(['show', 'gar-a1f.2', '--json'])).toMatchObject({
    claim: { worker: 'jonas', attempt: 1, lease_until: new Date(Date.parse(time ?? '') + 900_000).toISOString() },
  })
  await workspace.runOk(['complete', 'jonas', 'gar-a1f.2'])
})

test('a cycle is refused, with and without --dry-run, and nothing is written', async () => {
  const workspace = await newWorkspace()
  const file = workspace.writeFile(
    'issues.jsonl',
    ndjson(issue('a', dependsOn('b')), issue('b', dependsOn('a')), issue('c')),
  )
  const before = readFiles(workspace)
  for (const flags of [[], ['--dry-run']]) {
    const refused = await workspace.run(['import', file, ...flags])
    expect([refused.status, parseOutput(refused)]).toEqual([
      6,
      expect.objectContaining({ ok: false, error: 'needs_cycle', path: ['a', 'b', 'a'] }),
    ])
  }
  expect(readFiles(workspace)).toEqual(before)
})

test('tasks that changed in both tools keep their state here, with a warning', async () => {
  const workspace = await newWorkspace()
  await runImport(workspace, ['-'], ndjson(issue('a'), issue('b', dependsOn('a')), issue('c')))
  await workspace.runOk(['claim', 'ann', '--task', 'c'])
  const done = { status: 'closed' }
  const later = ndjson(
    issue('a', done),
    issue('b', { ...dependsOn('a'), ...done }),
    issue('c'),
    issue('d', dependsOn('b')),
  )
  const { tasks, left_out } = await runImport(workspace, ['-'], later)
  expect(tasks.map(({ id }) => id)).toEqual(['d'])
  expect(left_out).toEqual([
    {
      what: 'status',
      name: 'done',
      count: 1,
      why: 'the task already exists and keeps its status: ready',
      examples: ['a'],
    },
    {
      what: 'status',
      name: 'done',
      count: 1,
      why: 'the task already exists and keeps its status: blocked',
      examples: ['b'],
    },
    {
      what: 'status',
      name: 'ready',
      count: 1,
      why: 'the task already exists and keeps its status: claimed',
      examples: ['c'],
    },
  ])
  expect(await workspace.runOk(['show', 'a', '--json'])).toMatchObject({ task: { status: 'ready' } })
})

test('a task that differs in the other tool is refused, or kept with --keep-existing', async () => {
  const workspace = await newWorkspace()
  await runImport(workspace, ['-'], ndjson(issue('a')))
  const log = workspace.readText('events.jsonl')
  const file = workspace.writeFile('later.jsonl', ndjson(issue('a', { title: 'New', priority: 1 }), issue('b')))
  for (const flags of [[], ['--dry-run']]) {
    const refused = await workspace.run(['import', file, ...flags])
    expect([refused.status, parseOutput(refused)]).toEqual([
      6,
      expect.objectContaining({ error: 'task_exists', task_id: 'a', fields: ['title', 'priority'] }),
    ])
  }
  expect(workspace.readText('events.jsonl')).toBe(log)
  expect(await runImport(workspace, [file, '--keep-existing'])).toMatchObject({
    imported: 1,
    unchanged: 1,
    tasks: [{ id: 'b' }],
    left_out: ['title', 'priority'].map(name => ({ what: 'change', name, examples: ['a'] })),
  })
  expect(await workspace.runOk(['show', 'a', '--json'])).toMatchObject({ task: { title: 'a' } })
})

test('a dependency may exist already, be missing, or be open although its dependent has started', async () => {
  const workspace = await newWorkspace()
  await runImport(workspace, ['-'], ndjson(issue('a')))
  const started = { status: 'in_progress', assignee: 'ann' }
  const file = ndjson(
    issue('b', dependsOn('a')),
    issue('c', dependsOn('gone')),
    issue('d', { ...dependsOn('a'), ...started }),
    issue('e', { ...dependsOn('a'), status: 'closed' }),
  )
  const { tasks, left_out } = await runImport(workspace, ['-'], file)
  expect(tasks).toEqual([
    { id: 'b', kind: 'task', status: 'blocked', title: 'b', needs: ['a'] },
    { id: 'c', kind: 'task', status: 'ready', title: 'c' },
    { id: 'd', kind: 'task', status: 'blocked', title: 'd', needs: ['a'] },
    { id: 'e', kind: 'task', status: 'done', title: 'e' },
  ])
  expect(left_out.map(({ what, examples }) => [what, examples])).toEqual([
    ['need', ['c depends on gone']],
    ['claim', ['d']],
    ['need', ['e depends on a']],
  ])
  // A field that was left out in the first import is no change in the second.
  expect((await runImport(workspace, ['-'], file)).left_out.map(({ what, name }) => [what, name])).toEqual([
    ['status', 'claimed'],
  ])
})

test('a file has the format in --from, or the error names the expected format', async () => {
  const workspace = await newWorkspace()
  const before = readFiles(workspace)
  const runRefused = async (words: ReadonlyArray<string>, input = ''): Promise<ReadonlyArray<unknown>> => {
    const { status, stdout } = await workspace.run(['import', ...words], { input })
    return [status, (JSON.parse(stdout) as { readonly message: string }).message]
  }
  expect(await runRefused([samplePath('checklist.md'), '--from', 'github'])).toEqual([
    2,
    expect.stringMatching(/as output of gh issue list --json: line 1 is not JSON/),
  ])
  expect(await runRefused([samplePath('gh-issues.json'), '--from', 'task-master'])).toEqual([
    2,
    expect.stringMatching(/as Task Master's tasks.json: expected an object with "tasks"/),
  ])
  expect(await runRefused(['-'], 'hello')).toEqual([
    2,
    expect.stringMatching(
      /^-: it is not JSON: .*; formats that can be imported: a queue.json, .* a Markdown checklist$/,
    ),
  ])
  expect(await runRefused(['-', '--from', 'jira'])).toEqual([2, expect.stringContaining('jira')])
  expect(readFiles(workspace)).toEqual(before)
})

test('--dry-run works for the formats of claimlog too', async () => {
  const workspace = await newWorkspace()
  const dryRun = await workspace.runOk(['import', '-', '--dry-run', '--kind', 'docs'], '[{"id":"a","deps":[]}]')
  expect(dryRun).toEqual({
    ok: true,
    dry_run: true,
    format: 'task-graph',
    imported: 1,
    unchanged: 0,
    counts: { kinds: { docs: 1 }, statuses: { ready: 1 }, claimed: 0 },
    left_out: [],
    tasks: [{ id: 'a', kind: 'docs', status: 'ready' }],
    seq: 1,
  })
})
