import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { claimlogPath, type ProcessResult } from '../support/claimlog-process.ts'
import { type CliWorkspace, ndjson, newWorkspace } from '../support/cli-workspace.ts'
import { parseOutputLines } from '../support/worker-command.ts'

/** Tasks of the kind `docs` with these ids and one attempt each. */
const tasks = (...ids: ReadonlyArray<string>): string =>
  ndjson(...ids.map(id => ({ kind: 'docs', task_id: id, max_attempts: 1 })))

const workspaceWithTasks = async (...ids: ReadonlyArray<string>): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  if (ids.length > 0) await workspace.runOk(['add', '-'], tasks(...ids))
  return workspace
}

/** The environment in which commands find `claimlog` on their PATH. */
const claimlogOnPath = ({ cwd }: CliWorkspace): { readonly env: Readonly<Record<string, string>> } => {
  const bin = join(cwd, 'bin')
  mkdirSync(bin)
  symlinkSync(claimlogPath, join(bin, 'claimlog'))
  return { env: { PATH: [bin, dirname(process.execPath), process.env['PATH']].join(delimiter) } }
}

/** Runs a worker until the queue is empty, with a shell script that has the task's id as `$1`. */
const runUntilEmpty = (
  workspace: CliWorkspace,
  script: string,
  { words = [], env = {} }: { words?: ReadonlyArray<string>; env?: Readonly<Record<string, string>> } = {},
): Promise<ProcessResult> =>
  workspace.run(['work', 'ann', '--until-empty', ...words, '--', 'sh', '-c', script, 'sh', '{id}'], { env })

/** The events about each task after it was claimed, without the fields that differ from run to run. */
const claimEvents = ({ readEvents }: CliWorkspace): ReadonlyArray<Readonly<Record<string, unknown>>> =>
  readEvents()
    .filter(({ event }) => !['opened', 'added', 'claimed'].includes(event))
    .map(({ seq: _seq, time: _time, hash: _hash, more: _more, lease_until: _until, token: _token, ...line }) => line)

describe('the outcome of a command', () => {
  test('is its exit code, its result file and the last lines of its stderr', async () => {
    const workspace = await workspaceWithTasks('json', 'text', 'nothing', 'failing', 'silent', 'killed')
    const script = `case $1 in
json) printf '{"pages": 12}' > "$CLAIMLOG_RESULT";;
text) echo 'twelve pages' > "$CLAIMLOG_RESULT";;
failing) echo not this; echo first >&2; echo 'out of memory' >&2; exit 3;;
silent) exit 1;;
killed) kill -9 $$;;
esac`
    const workerRun = await runUntilEmpty(workspace, script)
    expect(workerRun.status).toBe(9)
    expect(claimEvents(workspace)).toEqual([
      { event: 'completed', worker: 'ann', task_id: 'json', result: { pages: 12 } },
      { event: 'completed', worker: 'ann', task_id: 'text', result: 'twelve pages' },
      { event: 'completed', worker: 'ann', task_id: 'nothing' },
      { event: 'failed', worker: 'ann', task_id: 'failing', error: 'exit 3: first\nout of memory', retry_at: null },
      { event: 'failed', worker: 'ann', task_id: 'silent', error: 'exit 1', retry_at: null },
      { event: 'failed', worker: 'ann', task_id: 'killed', error: 'killed by SIGKILL', retry_at: null },
    ])
    expect(workerRun.stdout).toBe('not this\n')
    expect(workerRun.stderr).toMatch(/^\S+Z {2}claimed {4}json\n\S+Z {2}completed {2}json {2}in /)
    expect(workerRun.stderr).toContain('\nfirst\nout of memory\n')
    expect(await runUntilEmpty(workspace, script, { words: ['--quiet'] })).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    })
  })

  test('is no attempt if it exits with 75', async () => {
    const workspace = await workspaceWithTasks('busy')
    const busy = await workspace.run(['work', 'ann', '--once', '--', 'sh', '-c', 'echo later >&2; exit 75'])
    expect(busy.status).toBe(0)
    expect(claimEvents(workspace)).toEqual([{ event: 'released', worker: 'ann', task_id: 'busy', reason: 'later' }])
    expect((await workspace.run(['work', 'ann', '--once', '--', 'true'])).status).toBe(0)
    expect(workspace.readEvents().at(-2)).toMatchObject({ event: 'claimed', attempt: 1 })
  })
})

test('a command gets its task in its arguments, its stdin and its environment', async () => {
  const workspace = await workspaceWithTasks()
  await workspace.runOk(['add', 'docs', '$(id)', '--payload', '{"file": "a b"}', '--title', 'Read'])
  const script = `printf '%s\\n' "$@" > words
cat > task.json
printf '%s\\n' "$CLAIMLOG_TASK_ID $CLAIMLOG_KIND $CLAIMLOG_TOKEN $CLAIMLOG_ATTEMPT $CLAIMLOG_WORKER" "$CLAIMLOG_DIR" > env`
  const words = ['{id}', '{kind}:{id}', '{worker}', '', '--', '--json', '-j']
  const workerRun = await workspace.run(['work', 'ann', 'docs', '--once', '--', 'sh', '-c', script, 'sh', ...words])
  expect(workerRun.status).toBe(0)
  const read = (name: string): string => readFileSync(join(workspace.cwd, name), 'utf8')
  expect(read('words')).toBe('$(id)\ndocs:$(id)\n{worker}\n\n--\n--json\n-j\n')
  expect(JSON.parse(read('task.json'))).toEqual({
    ...{ id: '$(id)', kind: 'docs', status: 'ready', title: 'Read', payload: { file: 'a b' } },
  })
  expect(read('env')).toMatch(/^\$\(id\) docs 3 1 ann\n\/.*\/\.claimlog\n$/)
})

describe('within a command', () => {
  test('renew, note and add need no task id', async () => {
    const workspace = await workspaceWithTasks('read')
    const script = `set -e
claimlog renew --progress '{"pages": 3}'
claimlog note 'half of it'
claimlog add later found
cd /
claimlog note found 'by the reader'
claimlog note --text '-dashed'`
    const workerRun = await runUntilEmpty(workspace, script, { words: ['docs'], ...claimlogOnPath(workspace) })
    expect(workerRun.status).toBe(0)
    expect(claimEvents(workspace)).toEqual([
      { event: 'renewed', worker: 'ann', task_id: 'read', progress: { pages: 3 }, by: 'ann' },
      { event: 'noted', task_id: 'read', text: 'half of it', by: 'ann' },
      { event: 'noted', task_id: 'found', text: 'by the reader', by: 'ann' },
      { event: 'noted', task_id: 'read', text: '-dashed', by: 'ann' },
      { event: 'completed', worker: 'ann', task_id: 'read' },
    ])
    expect(workspace.readEvents()).toContainEqual(
      expect.objectContaining({ event: 'added', task_id: 'found', by: 'ann' }),
    )
    expect(workerRun.stderr).toContain('progress   read  {"pages":3}\n')
  })

  test('complete and fail finish its task, and the worker finishes nothing more', async () => {
    const workspace = await workspaceWithTasks('read', 'write')
    const script = `if [ $1 = read ]; then claimlog complete --result '"by itself"'; else claimlog fail --error torn; fi; exit 1`
    const workerRun = await runUntilEmpty(workspace, script, claimlogOnPath(workspace))
    expect(workerRun.status).toBe(9)
    expect(claimEvents(workspace)).toEqual([
      { event: 'completed', worker: 'ann', task_id: 'read', result: 'by itself', by: 'ann' },
      { event: 'failed', worker: 'ann', task_id: 'write', error: 'torn', retry_at: null, by: 'ann' },
    ])
  })

  test('complete for another claim finishes that claim', async () => {
    const workspace = await workspaceWithTasks('read', 'other')
    await workspace.runOk(['claim', 'bob', '--task', 'other'])
    const workerRun = await workspace.run(
      ['work', 'ann', '--once', '--', 'claimlog', 'complete', 'bob', 'other'],
      claimlogOnPath(workspace),
    )
    expect(workerRun.status).toBe(0)
    expect(claimEvents(workspace)).toEqual([
      { event: 'completed', worker: 'bob', task_id: 'other', by: 'ann' },
      { event: 'completed', worker: 'ann', task_id: 'read' },
    ])
  })
})

describe('a worker claims', () => {
  test('one task with --once, and its exit code is the outcome', async () => {
    const workspace = await workspaceWithTasks('a', 'b', 'c')
    const once = (...command: ReadonlyArray<string>) => workspace.run(['work', 'ann', '--once', '--', ...command])
    expect((await once('true')).status).toBe(0)
    expect((await once('false')).status).toBe(9)
    expect(claimEvents(workspace)).toHaveLength(2)
    expect((await once('true')).status).toBe(0)
    const none = await once('true')
    expect(none).toMatchObject({ status: 3, stdout: '' })
    expect(none.stderr).toContain('(no_ready_task)')
    const asJson = await workspace.run(['work', 'ann', '--once', '--json', '--', 'true'])
    expect(asJson.status).toBe(3)
    expect(parseOutputLines(asJson)).toMatchObject([{ ok: false, error: 'no_ready_task' }])
  })

  test('as many tasks as --max-tasks allows, of the kinds that it names', async () => {
    const workspace = await workspaceWithTasks('a', 'b', 'c')
    await workspace.runOk(['add', '-'], ndjson({ kind: 'ci', task_id: 'unit' }, { kind: 'other', task_id: 'o' }))
    const workerRun = await workspace.run(['work', 'ann', 'other', 'ci', '--max-tasks', '2', '--', 'true'])
    expect(workerRun.status).toBe(0)
    expect((await workspace.run(['work', 'ann', '--max-tasks', '2', '-j', '4', '--', 'true'])).status).toBe(0)
    expect(claimEvents(workspace).map(line => line['task_id'])).toEqual(expect.arrayContaining(['unit', 'o', 'a', 'b']))
    expect(claimEvents(workspace)).toHaveLength(4)
  })

  test('all tasks with --until-empty, including those that become ready meanwhile and those that are retried', async () => {
    const workspace = await newWorkspace()
    const backoff = { first_ms: 50, max_ms: 50 }
    const added = ndjson(
      { kind: 'docs', task_id: 'flaky', backoff },
      { kind: 'docs', task_id: 'last', needs: ['flaky'] },
    )
    await workspace.runOk(['add', '-'], added)
    const script = '[ $1 = last ] || [ $CLAIMLOG_ATTEMPT = 2 ]'
    expect((await runUntilEmpty(workspace, script)).status).toBe(0)
    expect(claimEvents(workspace).map(({ event, task_id: id }) => [event, id])).toEqual([
      ['failed', 'flaky'],
      ['completed', 'flaky'],
      ['completed', 'last'],
    ])
  })

  test('as many tasks at once as -j allows', async () => {
    const workspace = await workspaceWithTasks('a', 'b', 'c')
    // Each waits for the other two, so that they end only if all three run at once.
    const script = 'touch "here-$1"; until [ -e here-a ] && [ -e here-b ] && [ -e here-c ]; do sleep 0.05; done'
    const workerRun = await runUntilEmpty(workspace, script, { words: ['-j', '3', '--json'] })
    expect(workerRun.status).toBe(0)
    expect(parseOutputLines(workerRun).map(({ event }) => event)).toEqual([
      ...['claimed', 'claimed', 'claimed', 'completed', 'completed', 'completed'],
    ])
  })
})

test('a command that takes longer than --timeout is stopped, and its attempt has failed', async () => {
  const workspace = await workspaceWithTasks('slow')
  const workerRun = await runUntilEmpty(workspace, 'sleep 600', { words: ['--timeout', '200ms', '--json'] })
  expect(workerRun.status).toBe(9)
  expect(claimEvents(workspace)).toEqual([
    { event: 'failed', worker: 'ann', task_id: 'slow', error: 'timed out after 200 ms', retry_at: null },
  ])
  expect(parseOutputLines(workerRun)).toMatchObject([
    { event: 'claimed', task_id: 'slow', kind: 'docs', worker: 'ann', token: 3, attempt: 1 },
    { event: 'failed', task_id: 'slow', status: 'failed', error: 'timed out after 200 ms' },
  ])
})

describe('a worker with invalid arguments', () => {
  const refused: ReadonlyArray<readonly [string, ReadonlyArray<string>, string]> = [
    ['has no command', ['ann', 'docs'], 'there is no command to run'],
    ['has no command after --', ['ann', 'docs', '--'], 'there is no command to run'],
    [
      'has a command that does not exist',
      ['ann', '--', 'no-such-command'],
      'no-such-command cannot be run: no such command',
    ],
    ['has a file that does not exist', ['ann', '--', './nowhere.sh'], './nowhere.sh cannot be run: no such file'],
    ['has a flag that it does not know', ['ann', '--fast', '--', 'true'], "unknown option '--fast'"],
    ['has no slot', ['ann', '-j', '0', '--', 'true'], 'at least 1'],
    ['has a limit of no tasks', ['ann', '--max-tasks', '0', '--', 'true'], 'at least 1'],
    ['has no worker', ['--', 'true'], "missing required argument 'worker'"],
  ]
  test.each(refused)('is refused before it claims a task: it %s', async (_, words, message) => {
    const workspace = await workspaceWithTasks('a')
    const before = workspace.readText('events.jsonl')
    const refusal = await workspace.run(['work', ...words])
    expect([refusal.status, refusal.stdout]).toEqual([2, ''])
    expect(refusal.stderr).toContain(message)
    expect(refusal.stderr.trimEnd().split('\n')).toHaveLength(2)
    const dashes = words.includes('--') ? words.indexOf('--') : words.length
    const asJson = await workspace.run(['work', ...words.slice(0, dashes), '--json', ...words.slice(dashes)])
    expect(asJson.status).toBe(2)
    expect(parseOutputLines(asJson)).toMatchObject([{ ok: false, error: 'usage' }])
    expect(workspace.readText('events.jsonl')).toBe(before)
  })
})

test('a worker escapes all control characters of errors in its output', async () => {
  const workspace = await workspaceWithTasks('a')
  const hostile = '\u001b[2J\u202e\u0007'
  const script = `printf 'err \\033[2J\\342\\200\\256\\007\\n' >&2; exit 1`
  const result = await runUntilEmpty(workspace, script, { words: ['--quiet'] })
  expect(result.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
  expect(result.stderr).toContain('for good: exit 1: err \\u001b[2J\\u202e\\u0007\n')
  await workspace.runOk(['retry', 'a'])
  const asJson = await runUntilEmpty(workspace, script, { words: ['--json'] })
  expect(asJson.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
  expect(parseOutputLines(asJson).at(-1)).toMatchObject({ event: 'failed', error: `exit 1: err ${hostile}` })
  await workspace.runOk(['retry', 'a'])
  const tagged = await runUntilEmpty(workspace, script, { words: ['--tag'] })
  expect(tagged.stderr).toContain('a | err \\u001b[2J\\u202e\\u0007\n')
})
