import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseOutput } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace, ndjson } from '../support/cli-workspace.ts'
import { startWaiting, type WaitingCommand } from '../support/waiting-command.ts'

const startWait = ({ cwd }: CliWorkspace, ...words: ReadonlyArray<string>): WaitingCommand => startWaiting(cwd, words)

const listFiles = ({ dir }: CliWorkspace): ReadonlyArray<string> =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })

const workspaceWithTasks = async (...ids: ReadonlyArray<string>): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', '-'], ndjson(...ids.map(id => ({ kind: 'docs', task_id: id }))))
  return workspace
}

test('wait ends with 0 once all tasks are done, and prints them in the given order', async () => {
  const workspace = await workspaceWithTasks('a', 'b')
  const waiting = startWait(workspace, 'wait', 'b', 'a')
  await waiting.waitUntilWatching()
  await workspace.runOk(['claim', 'ann', '--count', '2'])
  await workspace.runOk(['complete', 'ann', 'a', '--result', '{"pages": 3}'])
  await workspace.runOk(['complete', 'ann', 'b'])
  expect(await waiting.readAnswer()).toEqual([
    0,
    {
      ok: true,
      tasks: [
        { id: 'b', kind: 'docs', status: 'done' },
        { id: 'a', kind: 'docs', status: 'done', result: { pages: 3 } },
      ],
      seq: 7,
    },
  ])
  expect((await waiting.result).stderr).toBe('')
  expect((await workspace.run(['wait', 'a'])).status).toBe(0)
})

test('wait continues after a failure that will be retried, and ends with 9 after the last one', async () => {
  const workspace = await workspaceWithTasks('a')
  const waiting = startWait(workspace, 'wait', 'a')
  await waiting.waitUntilWatching()
  await workspace.runOk(['claim', 'ann'])
  await workspace.runOk(['fail', 'ann', 'a', '--error', 'once', '--retry-in', '0s'])
  await workspace.runOk(['claim', 'ann'])
  await workspace.runOk(['fail', 'ann', 'a', '--error', 'for good', '--no-retry'])
  const [status, document] = await waiting.readAnswer()
  expect(status).toBe(9)
  expect(document).toMatchObject({
    ok: false,
    error: 'task_failed',
    message: 'a has failed',
    task_id: 'a',
    tasks: [{ id: 'a', status: 'failed', error: 'for good' }],
  })
})

test('the worst outcome of all tasks is the exit code: failed before cancelled', async () => {
  const workspace = await workspaceWithTasks('a', 'b', 'c')
  await workspace.runOk(['claim', 'ann', '--task', 'c'])
  await workspace.runOk(['complete', 'ann', 'c'])
  await workspace.runOk(['cancel', 'a'])
  const cancelled = await workspace.run(['wait', 'c', 'a'])
  expect([cancelled.status, parseOutput(cancelled)]).toMatchObject([10, { error: 'task_cancelled', task_id: 'a' }])
  await workspace.runOk(['claim', 'ann', '--task', 'b'])
  await workspace.runOk(['fail', 'ann', 'b', '--error', 'no', '--no-retry'])
  const failed = await workspace.run(['wait', 'a', 'b', 'c'])
  expect([failed.status, parseOutput(failed)]).toMatchObject([
    9,
    { error: 'task_failed', message: 'b has failed, and 1 more is not done', task_id: 'b' },
  ])
})

test('wait ends with 8 after its timeout, and lists the open tasks', async () => {
  const workspace = await workspaceWithTasks('a', 'b')
  await workspace.runOk(['cancel', 'b'])
  for (const timeout of ['0', '50ms']) {
    const result = await workspace.run(['wait', 'a', 'b', '--timeout', timeout])
    expect([result.status, parseOutput(result)]).toMatchObject([8, { error: 'wait_timeout', open: 1, task_ids: ['a'] }])
  }
})

test('wait for an unknown task ends with 5, and wait without arguments with 2', async () => {
  const workspace = await workspaceWithTasks('a')
  const unknown = await workspace.run(['wait', 'a', 'b'])
  expect([unknown.status, parseOutput(unknown)]).toMatchObject([5, { error: 'unknown_task', task_id: 'b' }])
  for (const words of [['wait'], ['wait', 'a', '--empty']]) {
    const refused = await workspace.run(words)
    expect([refused.status, parseOutput(refused)]).toMatchObject([2, { error: 'usage' }])
  }
})

test('wait --empty ends at once without open tasks, and otherwise with the last task of its kinds', async () => {
  const workspace = await workspaceWithTasks('a')
  await workspace.runOk(['add', 'ci', 'x'])
  const none = await workspace.run(['wait', '--empty', 'art', 'text'])
  expect([none.status, parseOutput(none)]).toEqual([0, { ok: true, seq: 3 }])
  const [docs, anyKind] = [startWait(workspace, 'wait', '--empty', 'docs'), startWait(workspace, 'wait', '--empty')]
  await Promise.all([docs.waitUntilWatching(), anyKind.waitUntilWatching()])
  await workspace.runOk(['claim', 'ann', 'docs'])
  await workspace.runOk(['complete', 'ann', 'a'])
  expect(await docs.readAnswer()).toEqual([0, { ok: true, seq: 5 }])
  const remaining = await workspace.run(['wait', '--empty', '--timeout', '0'])
  expect([remaining.status, parseOutput(remaining)]).toMatchObject([8, { open: 1 }])
  await workspace.runOk(['cancel', 'x'])
  expect(await anyKind.readAnswer()).toEqual([0, { ok: true, seq: 6 }])
})

test('wait reports once on stderr that a dependency can no longer be done, and continues', async () => {
  const workspace = await workspaceWithTasks('b')
  await workspace.runOk(['add', 'docs', 'a', '--needs', 'b'])
  const waiting = startWait(workspace, 'wait', 'a')
  await waiting.waitUntilWatching()
  await workspace.runOk(['cancel', 'b'])
  await waiting.waitForStderr('claimlog why a shows how to clear that\n')
  await workspace.runOk(['note', 'a', 'still to be decided'])
  await workspace.runOk(['cancel', 'a'])
  expect((await waiting.readAnswer())[0]).toBe(10)
  expect((await waiting.result).stderr).toBe(
    'claimlog: warning: a depends on b, which failed or was cancelled; claimlog why a shows how to clear that\n',
  )
})

test('wait ends with 9 when the lease of a killed worker expires on its last attempt', async () => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 'a', '--max-attempts', '1'])
  await workspace.runOk(['claim', 'ann', '--lease', '1s'])
  const waiting = startWait(workspace, 'wait', 'a')
  const emptied = startWait(workspace, 'wait', '--empty', 'docs')
  const [status, document] = await waiting.readAnswer()
  expect([status, document]).toMatchObject([9, { error: 'task_failed', tasks: [{ id: 'a', status: 'failed' }] }])
  expect((await emptied.readAnswer())[0]).toBe(0)
  // No process has recorded the expiry, because waiting commands write nothing.
  expect(workspace.readEvents().map(({ event }) => event)).toEqual(['opened', 'added', 'claimed'])
})

test('a claim that waits gets the task that another process adds', async () => {
  const workspace = await newWorkspace()
  const waiting = startWait(workspace, 'claim', 'ann', 'docs', '--wait')
  await waiting.waitUntilWatching()
  await workspace.runOk(['add', 'ci', 'x'])
  await workspace.runOk(['add', 'docs', 'a'])
  expect(await waiting.readAnswer()).toMatchObject([
    0,
    { ok: true, task: { id: 'a' }, claim: { worker: 'ann', token: 4 }, seq: 4 },
  ])
  await workspace.runOk(['complete', 'ann', 'a'])
})

test('a claim of one task waits until the task is claimable', async () => {
  const workspace = await workspaceWithTasks('a', 'b')
  await workspace.runOk(['hold', 'b'])
  const waiting = startWait(workspace, 'claim', 'ann', '--task', 'b', '--wait', '1h')
  await waiting.waitUntilWatching()
  await workspace.runOk(['unhold', 'b'])
  expect(await waiting.readAnswer()).toMatchObject([0, { task: { id: 'b' } }])
  const result = await workspace.run(['claim', 'ann', '--task', 'nope', '--wait'])
  expect(result.status).toBe(5)
})

test('a claim waits until its timeout, and ends with 8 and the reasons', async () => {
  const workspace = await newWorkspace()
  for (const time of ['0', '50ms']) {
    const result = await workspace.run(['claim', 'ann', '--wait', time])
    expect([result.status, parseOutput(result)]).toMatchObject([8, { error: 'wait_timeout' }])
  }
  await workspace.runOk(['add', 'docs', 'a'])
  const many = await workspace.runOk(['claim', 'ann', '--count', '2', '--wait', '0'])
  expect(many).toMatchObject({ ok: true, tasks: [{ id: 'a', claim: { worker: 'ann' } }] })
})

test.each([
  ['wait', ['wait', 'a']],
  ['wait for an empty queue', ['wait', '--empty']],
  ['claim that waits', ['claim', 'ann', 'ci', '--wait']],
] as const)('an interrupted %s ends with 130 and leaves nothing behind', async (_, words) => {
  const workspace = await workspaceWithTasks('a')
  const before = [workspace.readText('events.jsonl'), listFiles(workspace)]
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const waiting = startWait(workspace, ...words)
    await waiting.waitUntilWatching()
    waiting.kill(signal)
    expect(await waiting.readAnswer()).toMatchObject([130, { ok: false, error: 'interrupted' }])
    // Only a warning that there is no such kind.
    expect((await waiting.result).stderr.replace(/^claimlog: warning: there is no task of kind ci: .*\n$/, '')).toBe('')
  }
  expect([workspace.readText('events.jsonl'), listFiles(workspace)]).toEqual(before)
  // The lock is free, and the task is claimable.
  await workspace.runOk(['claim', 'bob', 'docs', '--lock-timeout', '0s'])
})
