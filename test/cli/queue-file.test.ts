import { appendFileSync, chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parseOutput, run } from '../support/claimlog-process.ts'
import { type CliWorkspace, ndjson, newWorkspace } from '../support/cli-workspace.ts'

const queuePath = ({ dir }: CliWorkspace): string => join(dir, 'queue.json')

/** Exit code and stderr of a command without a message about the queue file. */
const quiet = { status: 0, stderr: '' }

/** A workspace with tasks in several states. */
const mixedWorkspace = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  const input = ndjson(
    { kind: 'docs', task_id: 'inspect-docs', title: 'Read the docs', payload: { pages: [1] } },
    { kind: 'validation', task_id: 'run-validation' },
    { kind: 'docs', task_id: 'publish', needs: ['inspect-docs'], priority: 1, tags: ['end'] },
  )
  await workspace.runOk(['add', '-'], input)
  await workspace.runOk(['claim', 'validator', 'validation', '--lease', '1h'])
  await workspace.runOk(['claim', 'docs-worker', 'docs'])
  await workspace.runOk(['complete', 'validator', 'run-validation', '--result', '{"passed":true}'])
  return workspace
}

test('queue.json contains the tasks in the order in which they were added, the claims and the seq', async () => {
  const workspace = await mixedWorkspace()
  const leaseUntil = workspace.readEvents()[5]?.['lease_until']
  expect(workspace.readText('queue.json')).toBe(`{
  "tasks": [
    {
      "id": "inspect-docs",
      "kind": "docs",
      "status": "ready",
      "title": "Read the docs",
      "payload": {
        "pages": [
          1
        ]
      }
    },
    {
      "id": "run-validation",
      "kind": "validation",
      "status": "done",
      "result": {
        "passed": true
      }
    },
    {
      "id": "publish",
      "kind": "docs",
      "status": "blocked",
      "needs": [
        "inspect-docs"
      ],
      "priority": 1,
      "tags": [
        "end"
      ]
    }
  ],
  "claims": [
    {
      "worker": "docs-worker",
      "task_id": "inspect-docs",
      "token": 6,
      "lease_until": "${String(leaseUntil)}"
    }
  ],
  "seq": 7
}
`)
})

test('queue.json is fresh after every command, and a rebuild from the log gives the same bytes', async () => {
  const workspace = await newWorkspace()
  const commands = [
    ['add', 'docs', 'task'],
    ['hold', 'task', '--reason', 'why'],
    ['unhold', 'task'],
    ['claim', 'ann', 'docs'],
    ['renew', 'ann', 'task', '--lease', '2h', '--progress', '1'],
    ['release', 'ann', 'task'],
    ['claim', 'ann', 'docs'],
    ['fail', 'ann', 'task', '--retry-in', '1ms'],
    ['claim', 'bob', 'docs'],
    ['complete', 'bob', 'task', '--result', '"ok"'],
  ]
  for (const words of commands) {
    const { seq } = await workspace.runOk(words)
    const queue = workspace.readText('queue.json')
    expect([words, (JSON.parse(queue) as { seq: number }).seq]).toEqual([words, seq])
    rmSync(queuePath(workspace))
    expect(await workspace.run(['replay'])).toMatchObject(quiet)
    expect(workspace.readText('queue.json')).toBe(queue)
  }
})

test('two workspaces with the same events have the same queue.json, byte for byte', async () => {
  const [one, other] = [await mixedWorkspace(), await newWorkspace()]
  writeFileSync(join(other.dir, 'events.jsonl'), one.readText('events.jsonl'))
  expect(await other.run(['replay'])).toMatchObject(quiet)
  expect(other.readText('queue.json')).toBe(one.readText('queue.json'))
})

test('replay --check writes nothing, and names the first difference', async () => {
  const workspace = await mixedWorkspace()
  const same = await workspace.run(['replay', '--check', '--json'])
  expect({ ...same, stdout: parseOutput(same) }).toEqual({
    ...quiet,
    stdout: { ok: true, seq: 7, tasks: 3, queue_file: 'the same' },
  })

  const queue = workspace.readText('queue.json')
  const cases = [
    [
      queue.replace('"ready"', '"done"'),
      'line 6 is "\\"status\\": \\"done\\",", and should be "\\"status\\": \\"ready\\","',
    ],
    [queue.trimEnd(), 'line 45'],
    [`${queue}\n`, 'line 46'],
    [queue.replaceAll('\n', '\r\n'), 'line 1'],
    [queue.replace('  "seq"', '    "seq"'), 'line 43'],
    ['', 'line 1'],
  ] as const
  for (const [edited, text] of cases) {
    writeFileSync(queuePath(workspace), edited)
    const result = await workspace.run(['replay', '--check'])
    expect([result.status, result.stdout]).toEqual([6, ''])
    expect(result.stderr).toContain(text)
    expect(workspace.readText('queue.json')).toBe(edited)
    const asJson = parseOutput(await workspace.run(['replay', '--check', '--json']))
    expect(asJson).toMatchObject({
      ok: false,
      error: 'queue_differs',
      hint: expect.stringContaining('replay') as unknown,
    })
  }

  rmSync(queuePath(workspace))
  const missing = await workspace.run(['replay', '--check'])
  expect([missing.status, missing.stderr]).toEqual([6, expect.stringContaining('missing')])
  expect(existsSync(queuePath(workspace))).toBe(false)
})

test('an edit by hand changes nothing, is reported once, and is kept', async () => {
  const workspace = await mixedWorkspace()
  const edited = workspace.readText('queue.json').replace('"validation"', '"valuation"')
  writeFileSync(queuePath(workspace), edited)

  const added = await workspace.run(['add', 'docs', 'next'])
  expect([added.status, parseOutput(added)]).toMatchObject([0, { ok: true, task: { id: 'next' } }])
  expect(added.stderr).toContain('claimlog import queue.json')
  expect(added.stderr).toContain('queue.edited.json')
  expect(workspace.readText('queue.edited.json')).toBe(edited)
  expect(await workspace.run(['replay', '--check'])).toMatchObject(quiet)
  expect(JSON.parse(workspace.readText('queue.json'))).toMatchObject({ tasks: [{}, { kind: 'validation' }, {}, {}] })

  expect(await workspace.run(['add', 'docs', 'another'])).toMatchObject(quiet)
})

test('a task added to queue.json by hand is imported by the command in the warning', async () => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 'there'])
  const queue = JSON.parse(workspace.readText('queue.json')) as { tasks: Array<object> }
  queue.tasks.push({ id: 'by-hand', kind: 'translation', status: 'ready' })
  writeFileSync(queuePath(workspace), JSON.stringify(queue, null, 2))
  const claimed = await workspace.run(['claim', 'translator', 'docs'])
  const command = /`claimlog (import \S*queue\.edited\.json)`/.exec(claimed.stderr)?.[1] ?? 'no command is named'
  const imported = await workspace.run(command.split(' '))
  expect(parseOutput(imported)).toMatchObject({ ok: true, imported: 1, unchanged: 1, tasks: [{ id: 'by-hand' }] })
  expect(await workspace.runOk(['claim', 'translator', 'translation'])).toMatchObject({ task: { id: 'by-hand' } })
})

test('two edits by hand, one after the other, are both kept', async () => {
  const workspace = await newWorkspace()
  const edits = ['{"tasks": "first"}', 'not JSON at all', '{"tasks": "third"}']
  for (const edit of edits) {
    writeFileSync(queuePath(workspace), edit)
    const added = await workspace.run(['add', 'docs'])
    expect([added.status, added.stderr]).toEqual([0, expect.stringContaining('edited by hand')])
  }
  const keptFiles = readdirSync(workspace.dir).filter(name => name.startsWith('queue.edited'))
  expect(keptFiles.map(name => readFileSync(join(workspace.dir, name), 'utf8')).sort()).toEqual([...edits].sort())
  expect(workspace.readText('queue.edited.json')).toBe(edits.at(-1))
})

test('an edit is noticed even after the folder of derived files was deleted', async () => {
  const workspace = await mixedWorkspace()
  const edited = workspace.readText('queue.json').replace('"end"', '"start"')
  writeFileSync(queuePath(workspace), edited)
  rmSync(join(workspace.dir, 'derived'), { recursive: true })
  expect((await workspace.run(['add', 'docs'])).stderr).toContain('edited by hand')
  expect(workspace.readText('queue.edited.json')).toBe(edited)
})

test('replay, too, keeps an edit before it rewrites the file', async () => {
  const workspace = await mixedWorkspace()
  const queue = workspace.readText('queue.json')
  writeFileSync(queuePath(workspace), 'mine')
  const replayed = await workspace.run(['replay'])
  expect([replayed.status, replayed.stderr]).toEqual([0, expect.stringContaining('queue.edited.json')])
  expect([workspace.readText('queue.json'), workspace.readText('queue.edited.json')]).toEqual([queue, 'mine'])
})

test('derived files can be deleted at any time, and an older queue.json is not an edit', async () => {
  const workspace = await mixedWorkspace()
  const older = workspace.readText('queue.json')
  await workspace.runOk(['add', 'docs', 'a'])
  rmSync(join(workspace.dir, 'derived'), { recursive: true })
  await workspace.runOk(['add', 'docs', 'b'])
  rmSync(join(workspace.dir, 'derived'), { recursive: true })
  rmSync(queuePath(workspace))
  await workspace.runOk(['add', 'docs', 'c'])
  // For example restored from a backup.
  writeFileSync(queuePath(workspace), older)
  await workspace.runOk(['add', 'docs', 'd'])
  expect(await workspace.run(['replay', '--check'])).toMatchObject(quiet)
  expect(readdirSync(workspace.dir).sort()).toEqual(['.gitignore', 'derived', 'events.jsonl', 'queue.json'])
})

test('commands that only read leave the log unchanged, even with a torn tail', async () => {
  const workspace = await mixedWorkspace()
  appendFileSync(join(workspace.dir, 'events.jsonl'), '{"seq":8,"ev')
  const log = workspace.readText('events.jsonl')
  for (const words of [['list'], ['show', 'publish'], ['status'], ['trace', 'publish'], ['verify'], ['tail']])
    expect({ words, ...(await workspace.run(words)) }).toMatchObject(quiet)
  expect(workspace.readText('events.jsonl')).toBe(log)
  expect(readdirSync(workspace.dir).sort()).toEqual(['.gitignore', 'derived', 'events.jsonl', 'queue.json'])
})

test('an edit by hand is reported by the next command, even if it only reads', async () => {
  const workspace = await mixedWorkspace()
  for (const words of [['list'], ['show', 'publish'], ['status', '--json'], ['trace', 'publish', '--json']]) {
    const queue = workspace.readText('queue.json')
    writeFileSync(queuePath(workspace), words.join(' '))
    const { status, stderr } = await workspace.run(words)
    expect([words, status, stderr]).toEqual([words, 0, expect.stringContaining('claimlog import queue.json')])
    expect([workspace.readText('queue.json'), workspace.readText('queue.edited.json')]).toEqual([
      queue,
      words.join(' '),
    ])
  }
})

test('queue.json contains the newest 1,000 finished tasks, and every open one', async () => {
  const workspace = await newWorkspace()
  const finished = Array.from({ length: 1003 }, (_, i) => ({ id: `done-${i}`, kind: 'docs', status: 'done' }))
  workspace.writeFile('tasks.json', JSON.stringify({ tasks: [{ id: 'open', kind: 'docs' }, ...finished], claims: [] }))
  await workspace.runOk(['import', 'tasks.json'])
  await workspace.runOk(['claim', 'ann', 'docs'])
  const ids = (): ReadonlyArray<string> =>
    (JSON.parse(workspace.readText('queue.json')) as { tasks: ReadonlyArray<{ id: string }> }).tasks.map(({ id }) => id)
  expect(ids()).toEqual(['open', ...finished.slice(3).map(({ id }) => id)])
  await workspace.runOk(['complete', 'ann', 'open'])
  expect(ids()).toEqual(['open', ...finished.slice(4).map(({ id }) => id)])
  // The log has them all.
  expect(await workspace.runOk(['show', 'done-0', '--json'])).toMatchObject({ task: { status: 'done' } })
})

const isRoot = process.getuid?.() === 0

test.skipIf(isRoot)('a workspace that is not writable can be read, and the error has the path', async () => {
  const workspace = await mixedWorkspace()
  const logPath = join(workspace.dir, 'events.jsonl')
  for (const path of [logPath, workspace.dir]) chmodSync(path, path === logPath ? 0o444 : 0o555)
  try {
    expect(await workspace.run(['list'])).toMatchObject(quiet)
    const added = await workspace.run(['add', 'docs'])
    expect([added.status, parseOutput(added)]).toMatchObject([1, { ok: false, error: 'io_failed', path: logPath }])
  } finally {
    chmodSync(workspace.dir, 0o755)
  }
})

test('a command succeeds even if queue.json cannot be written, and reports that on stderr', async () => {
  const workspace = await newWorkspace()
  // A file at the path of the folder stops every process, even as root.
  rmSync(join(workspace.dir, 'derived'), { recursive: true })
  writeFileSync(join(workspace.dir, 'derived'), '')
  const added = await workspace.run(['add', 'docs', 'task'])
  expect([added.status, parseOutput(added)]).toEqual([0, { ok: true, task: expect.anything() as unknown, seq: 2 }])
  expect(added.stderr).toMatch(/queue\.json could not be brought up to date.*\n.*The command itself succeeded/)
  // Only replay fails, because its purpose is to write it.
  const replayed = await workspace.run(['replay', '--json'])
  expect([replayed.status, parseOutput(replayed)]).toMatchObject([1, { ok: false, error: 'io_failed' }])
})

test('queue.json is rebuilt from scratch if its log was replaced by another one', async () => {
  const workspace = await mixedWorkspace()
  const other = await newWorkspace()
  await other.runOk(['add', '-'], ndjson(...Array.from({ length: 20 }, () => ({ kind: 'docs' }))))
  writeFileSync(join(workspace.dir, 'events.jsonl'), other.readText('events.jsonl'))
  const claimed = await workspace.run(['claim', 'docs-worker', 'docs'])
  expect(claimed).toMatchObject({ status: 0, stderr: expect.stringContaining('a different workspace') as string })
  const written = workspace.readText('queue.json')
  await workspace.runOk(['replay', '--json'])
  expect(workspace.readText('queue.json')).toBe(written)
  expect(written).not.toContain('inspect-docs')
})

const killedProgram = fileURLToPath(new URL('../programs/die-after-a-write.mjs', import.meta.url))

test('queue.json is up to date after a worker without any task, even if another worker was killed before it wrote the file', async () => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 't1'])
  await run(process.execPath, [killedProgram, workspace.dir], workspace)
  expect([workspace.readEvents().at(-1)?.event, JSON.parse(workspace.readText('queue.json'))]).toMatchObject([
    'completed',
    { seq: 2 },
  ])
  expect((await workspace.run(['work', 'bob', '--until-empty', '--', 'true'])).status).toBe(0)
  expect(await workspace.run(['replay', '--check'])).toMatchObject({ status: 0, stderr: '' })
  expect(workspace.readEvents()).toHaveLength(4)
})
