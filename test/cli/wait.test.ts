import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { answer } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace, ndjson } from '../support/cli-workspace.ts'
import { startWaiting, type WaitingCommand } from '../support/waiting-command.ts'

const waitingIn = ({ cwd }: CliWorkspace, ...words: ReadonlyArray<string>): WaitingCommand => startWaiting(cwd, words)

const namesIn = ({ dir }: CliWorkspace): ReadonlyArray<string> =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })

const withTasks = async (...ids: ReadonlyArray<string>): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  await workspace.done(['add', '-'], ndjson(...ids.map(id => ({ kind: 'docs', task_id: id }))))
  return workspace
}

test('wait ends with 0 once all tasks are done, and prints them in the given order', async () => {
  const workspace = await withTasks('a', 'b')
  const waiting = waitingIn(workspace, 'wait', 'b', 'a')
  await waiting.waits()
  await workspace.done(['claim', 'ann', '--count', '2'])
  await workspace.done(['complete', 'ann', 'a', '--result', '{"pages": 3}'])
  await workspace.done(['complete', 'ann', 'b'])
  expect(await waiting.answered()).toEqual([
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
  expect((await waiting.finished).stderr).toBe('')
  expect((await workspace.run(['wait', 'a'])).status).toBe(0)
})

test('wait continues after a failure that will be retried, and ends with 9 after the last one', async () => {
  const workspace = await withTasks('a')
  const waiting = waitingIn(workspace, 'wait', 'a')
  await waiting.waits()
  await workspace.done(['claim', 'ann'])
  await workspace.done(['fail', 'ann', 'a', '--error', 'once', '--retry-in', '0s'])
  await workspace.done(['claim', 'ann'])
  await workspace.done(['fail', 'ann', 'a', '--error', 'for good', '--no-retry'])
  const [status, document] = await waiting.answered()
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
  const workspace = await withTasks('a', 'b', 'c')
  await workspace.done(['claim', 'ann', '--task', 'c'])
  await workspace.done(['complete', 'ann', 'c'])
  await workspace.done(['cancel', 'a'])
  const cancelled = await workspace.run(['wait', 'c', 'a'])
  expect([cancelled.status, answer(cancelled)]).toMatchObject([10, { error: 'task_cancelled', task_id: 'a' }])
  await workspace.done(['claim', 'ann', '--task', 'b'])
  await workspace.done(['fail', 'ann', 'b', '--error', 'no', '--no-retry'])
  const failed = await workspace.run(['wait', 'a', 'b', 'c'])
  expect([failed.status, answer(failed)]).toMatchObject([
    9,
    { error: 'task_failed', message: 'b has failed, and 1 more is not done', task_id: 'b' },
  ])
})

test('wait ends with 8 after its timeout, and lists the open tasks', async () => {
  const workspace = await withTasks('a', 'b')
  await workspace.done(['cancel', 'b'])
  for (const timeout of ['0', '50ms']) {
    const ended = await workspace.run(['wait', 'a', 'b', '--timeout', timeout])
    expect([ended.status, answer(ended)]).toMatchObject([8, { error: 'wait_timeout', open: 1, task_ids: ['a'] }])
  }
})

test('wait for an unknown task ends with 5, and wait without arguments with 2', async () => {
  const workspace = await withTasks('a')
  const unknown = await workspace.run(['wait', 'a', 'b'])
  expect([unknown.status, answer(unknown)]).toMatchObject([5, { error: 'unknown_task', task_id: 'b' }])
  for (const words of [['wait'], ['wait', 'a', '--empty']]) {
    const misunderstood = await workspace.run(words)
    expect([misunderstood.status, answer(misunderstood)]).toMatchObject([2, { error: 'usage' }])
  }
})

test('wait --empty ends at once without open tasks, and otherwise with the last task of its kinds', async () => {
  const workspace = await withTasks('a')
  await workspace.done(['add', 'ci', 'x'])
  const none = await workspace.run(['wait', '--empty', 'art', 'text'])
  expect([none.status, answer(none)]).toEqual([0, { ok: true, seq: 3 }])
  const [docs, any] = [waitingIn(workspace, 'wait', '--empty', 'docs'), waitingIn(workspace, 'wait', '--empty')]
  await Promise.all([docs.waits(), any.waits()])
  await workspace.done(['claim', 'ann', 'docs'])
  await workspace.done(['complete', 'ann', 'a'])
  expect(await docs.answered()).toEqual([0, { ok: true, seq: 5 }])
  const left = await workspace.run(['wait', '--empty', '--timeout', '0'])
  expect([left.status, answer(left)]).toMatchObject([8, { open: 1 }])
  await workspace.done(['cancel', 'x'])
  expect(await any.answered()).toEqual([0, { ok: true, seq: 6 }])
})

test('wait reports once on stderr that a dependency can no longer be done, and continues', async () => {
  const workspace = await withTasks('b')
  await workspace.done(['add', 'docs', 'a', '--needs', 'b'])
  const waiting = waitingIn(workspace, 'wait', 'a')
  await waiting.waits()
  await workspace.done(['cancel', 'b'])
  await waiting.tells('a depends on b, which failed or was cancelled\n')
  await workspace.done(['note', 'a', 'still to be decided'])
  await workspace.done(['cancel', 'a'])
  expect((await waiting.answered())[0]).toBe(10)
  expect((await waiting.finished).stderr).toBe('claimlog: a depends on b, which failed or was cancelled\n')
})

test('wait ends with 9 when the lease of a killed worker expires on its last attempt', async () => {
  const workspace = await newWorkspace()
  await workspace.done(['add', 'docs', 'a', '--max-attempts', '1'])
  await workspace.done(['claim', 'ann', '--lease', '1s'])
  const waiting = waitingIn(workspace, 'wait', 'a')
  const emptied = waitingIn(workspace, 'wait', '--empty', 'docs')
  const [status, document] = await waiting.answered()
  expect([status, document]).toMatchObject([9, { error: 'task_failed', tasks: [{ id: 'a', status: 'failed' }] }])
  expect((await emptied.answered())[0]).toBe(0)
  // No process has recorded the expiry, because waiting commands write nothing.
  expect(workspace.events().map(({ event }) => event)).toEqual(['opened', 'added', 'claimed'])
})

test('a claim that waits gets the task that another process adds', async () => {
  const workspace = await newWorkspace()
  const waiting = waitingIn(workspace, 'claim', 'ann', 'docs', '--wait')
  await waiting.waits()
  await workspace.done(['add', 'ci', 'x'])
  await workspace.done(['add', 'docs', 'a'])
  expect(await waiting.answered()).toMatchObject([
    0,
    { ok: true, task: { id: 'a' }, claim: { worker: 'ann', token: 4 }, seq: 4 },
  ])
  await workspace.done(['complete', 'ann', 'a'])
})

test('a claim of one task waits until the task is claimable', async () => {
  const workspace = await withTasks('a', 'b')
  await workspace.done(['hold', 'b'])
  const waiting = waitingIn(workspace, 'claim', 'ann', '--task', 'b', '--wait', '1h')
  await waiting.waits()
  await workspace.done(['unhold', 'b'])
  expect(await waiting.answered()).toMatchObject([0, { task: { id: 'b' } }])
  const finished = await workspace.run(['claim', 'ann', '--task', 'nope', '--wait'])
  expect(finished.status).toBe(5)
})

test('a claim waits until its timeout, and ends with 8 and the reasons', async () => {
  const workspace = await newWorkspace()
  for (const time of ['0', '50ms']) {
    const ended = await workspace.run(['claim', 'ann', '--wait', time])
    expect([ended.status, answer(ended)]).toMatchObject([8, { error: 'wait_timeout' }])
  }
  await workspace.done(['add', 'docs', 'a'])
  const many = await workspace.done(['claim', 'ann', '--count', '2', '--wait', '0'])
  expect(many).toMatchObject({ ok: true, tasks: [{ id: 'a', claim: { worker: 'ann' } }] })
})

test.each([
  ['wait', ['wait', 'a']],
  ['wait for an empty queue', ['wait', '--empty']],
  ['claim that waits', ['claim', 'ann', 'ci', '--wait']],
] as const)('an interrupted %s ends with 130 and leaves nothing behind', async (_, words) => {
  const workspace = await withTasks('a')
  const before = [workspace.text('events.jsonl'), namesIn(workspace)]
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const waiting = waitingIn(workspace, ...words)
    await waiting.waits()
    waiting.kill(signal)
    expect(await waiting.answered()).toMatchObject([130, { ok: false, error: 'interrupted' }])
    // Only a warning that there is no such kind.
    expect((await waiting.finished).stderr.replace(/^claimlog: warning: no task has the kind ci: .*\n$/, '')).toBe('')
  }
  expect([workspace.text('events.jsonl'), namesIn(workspace)]).toEqual(before)
  // The lock is free, and the task is claimable.
  await workspace.done(['claim', 'bob', 'docs', '--lock-timeout', '0s'])
})
