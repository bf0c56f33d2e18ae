import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { answer } from '../support/claimlog-process.ts'
import { type CliWorkspace, ndjson, newWorkspace } from '../support/cli-workspace.ts'

const sample = (name: string): string => fileURLToPath(new URL(`../../fixtures/import/${name}`, import.meta.url))

type LeftOut = { readonly what: string; readonly name: string; readonly why: string; readonly examples: unknown }
type Imported = { readonly tasks: ReadonlyArray<{ readonly id: string }>; readonly left_out: ReadonlyArray<LeftOut> }

const imported = async (workspace: CliWorkspace, words: ReadonlyArray<string>, input?: string): Promise<Imported> =>
  (await workspace.done(['import', ...words], input)) as unknown as Imported

/** Every file of a workspace, by name, as base64. */
const filesOf = ({ dir }: CliWorkspace): ReadonlyMap<string, string> => {
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
const timeless = ({ seq: _seq, dry_run: _dryRun, ...document }: Record<string, unknown>): unknown =>
  JSON.parse(JSON.stringify(document).replaceAll(/"since":"[^"]*"/g, '"since":""'))

const issue = (id: string, more: object = {}): object => ({ id, title: id, issue_type: 'task', ...more })
const blocks = (depends_on_id: string): object => ({ dependencies: [{ depends_on_id, type: 'blocks' }] })

test.each([
  ['issues.jsonl', 'beads', 8, { ready: 4, done: 1, blocked: 3 }, 1],
  ['task-master.json', 'task-master', 11, { done: 2, ready: 2, blocked: 6, cancelled: 1 }, 1],
  ['gh-issues.json', 'github', 4, { blocked: 1, done: 1, cancelled: 1, ready: 1 }, 0],
  ['checklist.md', 'markdown', 8, { done: 2, blocked: 2, ready: 4 }, 0],
])(
  '%s has a dry run that changes nothing, is imported, and is unchanged the second time',
  async (name, format, n, statuses, claimed) => {
    const workspace = await newWorkspace()
    await workspace.done(['add', 'docs'])
    const before = filesOf(workspace)

    const tried = await workspace.done(['import', sample(name), '--dry-run'])
    expect(tried).toMatchObject({
      dry_run: true,
      format,
      imported: n,
      unchanged: 0,
      counts: { statuses, claimed },
      seq: 2,
    })
    expect(filesOf(workspace)).toEqual(before)

    const came = await workspace.done(['import', sample(name)])
    expect(timeless(came)).toEqual(timeless(tried))
    const log = workspace.text('events.jsonl')
    for (const flags of [[], ['--dry-run'], ['--from', format]])
      expect(await workspace.done(['import', sample(name), ...flags])).toMatchObject({
        imported: 0,
        unchanged: n,
        tasks: [],
      })
    expect(workspace.text('events.jsonl')).toBe(log)
    await workspace.done(['verify', '--json'])
  },
)

test('an assignee in the other tool has the claim here, for the default lease', async () => {
  const workspace = await newWorkspace()
  await imported(workspace, [sample('issues.jsonl')])
  const { time } = workspace.events().find(({ event, worker }) => event === 'claimed' && worker === 'jonas') ?? {}
  expect(await workspace.done(['show', 'gar-a1f.2', '--json'])).toMatchObject({
    claim: { worker: 'jonas', attempt: 1, lease_until: new Date(Date.parse(time ?? '') + 900_000).toISOString() },
  })
  await workspace.done(['complete', 'jonas', 'gar-a1f.2'])
})

test('a cycle is refused, with and without --dry-run, and nothing is written', async () => {
  const workspace = await newWorkspace()
  const file = workspace.file('issues.jsonl', ndjson(issue('a', blocks('b')), issue('b', blocks('a')), issue('c')))
  const before = filesOf(workspace)
  for (const flags of [[], ['--dry-run']]) {
    const refused = await workspace.run(['import', file, ...flags])
    expect([refused.status, answer(refused)]).toEqual([
      6,
      expect.objectContaining({ ok: false, error: 'needs_cycle', path: ['a', 'b', 'a'] }),
    ])
  }
  expect(filesOf(workspace)).toEqual(before)
})

test('tasks that changed in both tools keep their state here, with a warning', async () => {
  const workspace = await newWorkspace()
  await imported(workspace, ['-'], ndjson(issue('a'), issue('b', blocks('a')), issue('c')))
  await workspace.done(['claim', 'ann', '--task', 'c'])
  const done = { status: 'closed' }
  const later = ndjson(issue('a', done), issue('b', { ...blocks('a'), ...done }), issue('c'), issue('d', blocks('b')))
  const { tasks, left_out } = await imported(workspace, ['-'], later)
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
  expect(await workspace.done(['show', 'a', '--json'])).toMatchObject({ task: { status: 'ready' } })
})

test('a task that differs in the other tool is refused, or kept with --keep-existing', async () => {
  const workspace = await newWorkspace()
  await imported(workspace, ['-'], ndjson(issue('a')))
  const log = workspace.text('events.jsonl')
  const file = workspace.file('later.jsonl', ndjson(issue('a', { title: 'New', priority: 1 }), issue('b')))
  for (const flags of [[], ['--dry-run']]) {
    const refused = await workspace.run(['import', file, ...flags])
    expect([refused.status, answer(refused)]).toEqual([
      6,
      expect.objectContaining({ error: 'task_exists', task_id: 'a', fields: ['title', 'priority'] }),
    ])
  }
  expect(workspace.text('events.jsonl')).toBe(log)
  expect(await imported(workspace, [file, '--keep-existing'])).toMatchObject({
    imported: 1,
    unchanged: 1,
    tasks: [{ id: 'b' }],
    left_out: ['title', 'priority'].map(name => ({ what: 'change', name, examples: ['a'] })),
  })
  expect(await workspace.done(['show', 'a', '--json'])).toMatchObject({ task: { title: 'a' } })
})

test('a dependency may exist already, be missing, or be open although its dependent has started', async () => {
  const workspace = await newWorkspace()
  await imported(workspace, ['-'], ndjson(issue('a')))
  const begun = { status: 'in_progress', assignee: 'ann' }
  const file = ndjson(
    issue('b', blocks('a')),
    issue('c', blocks('gone')),
    issue('d', { ...blocks('a'), ...begun }),
    issue('e', { ...blocks('a'), status: 'closed' }),
  )
  const { tasks, left_out } = await imported(workspace, ['-'], file)
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
  expect((await imported(workspace, ['-'], file)).left_out.map(({ what, name }) => [what, name])).toEqual([
    ['status', 'claimed'],
  ])
})

test('a file has the format in --from, or the error names the expected format', async () => {
  const workspace = await newWorkspace()
  const before = filesOf(workspace)
  const said = async (words: ReadonlyArray<string>, input = ''): Promise<ReadonlyArray<unknown>> => {
    const { status, stdout } = await workspace.run(['import', ...words], { input })
    return [status, (JSON.parse(stdout) as { readonly message: string }).message]
  }
  expect(await said([sample('checklist.md'), '--from', 'github'])).toEqual([
    2,
    expect.stringMatching(/as output of gh issue list --json: line 1 is not JSON/),
  ])
  expect(await said([sample('gh-issues.json'), '--from', 'task-master'])).toEqual([
    2,
    expect.stringMatching(/as Task Master's tasks.json: expected an object with "tasks"/),
  ])
  expect(await said(['-'], 'hello')).toEqual([
    2,
    expect.stringMatching(
      /^-: it is not JSON: .*; formats that can be imported: a queue.json, .* a Markdown checklist$/,
    ),
  ])
  expect(await said(['-', '--from', 'jira'])).toEqual([2, expect.stringContaining('jira')])
  expect(filesOf(workspace)).toEqual(before)
})

test('--dry-run works for the formats of claimlog too', async () => {
  const workspace = await newWorkspace()
  const tried = await workspace.done(['import', '-', '--dry-run', '--kind', 'docs'], '[{"id":"a","deps":[]}]')
  expect(tried).toEqual({
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
