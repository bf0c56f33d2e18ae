import { expect, test } from 'vitest'
import { parseOutput } from '../support/claimlog-process.ts'
import { type CliWorkspace, formatDocument, type CliLogLine, ndjson, newWorkspace } from '../support/cli-workspace.ts'

const addMs = (time: unknown, ms: number): string => new Date(Date.parse(time as string) + ms).toISOString()
const minuteMs = 60_000

/**
 * A workspace in which ann has claimed the docs task `a` with token 5; `b` of the kind docs and `c` of the kind ci are
 * ready.
 */
const workspaceWithClaim = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  const tasks = [
    { kind: 'docs', task_id: 'a' },
    { kind: 'docs', task_id: 'b' },
    { kind: 'ci', task_id: 'c' },
  ]
  await workspace.runOk(['add', '-'], ndjson(...tasks))
  await workspace.runOk(['claim', 'ann', 'docs'])
  return workspace
}

/** The last event in the log. */
const lastEvent = (workspace: CliWorkspace): CliLogLine => workspace.readEvents().at(-1) as CliLogLine

/** The events after those of {@link workspaceWithClaim}, in short. */
const eventsAfterSetup = (workspace: CliWorkspace): ReadonlyArray<unknown> =>
  workspace
    .readEvents()
    .slice(5)
    .map(({ event, worker, task_id: taskId, more }) => [event, worker, taskId, more])

test('a worker completes its task and claims the next one in one step, with both in the result', async () => {
  const workspace = await workspaceWithClaim()
  const { status, stdout, stderr } = await workspace.run(['complete', 'ann', 'a', '--claim-next', 'docs'])
  expect([status, stderr]).toEqual([0, ''])
  const { time } = lastEvent(workspace)
  expect(stdout).toBe(
    formatDocument({
      ok: true,
      task: { id: 'a', kind: 'docs', status: 'done' },
      next: {
        task: { id: 'b', kind: 'docs', status: 'ready' },
        claim: { worker: 'ann', token: 7, attempt: 1, claimed_at: time, lease_until: addMs(time, 15 * minuteMs) },
      },
      seq: 7,
    }),
  )
  expect(eventsAfterSetup(workspace)).toEqual([
    ['completed', 'ann', 'a', true],
    ['claimed', 'ann', 'b', undefined],
  ])
  expect((await workspace.run(['verify'])).status).toBe(0)
})

test('the next task is of the given kinds, or of any kind, and is claimed for the given lease', async () => {
  for (const [words, task, ms] of [
    [['--claim-next', 'ci', 'art', '--lease', '2h'], 'c', 120 * minuteMs],
    [['--lease', '90s', '--claim-next'], 'b', 1.5 * minuteMs],
    [['--claim-next', '--result', '12'], 'b', 15 * minuteMs],
  ] as const) {
    const workspace = await workspaceWithClaim()
    const { next } = await workspace.runOk(['complete', 'ann', 'a', ...words])
    const { task_id: taskId, lease_until: until, time } = lastEvent(workspace)
    expect([taskId, until]).toEqual([task, addMs(time, ms)])
    expect(next).toMatchObject({ task: { id: task }, claim: { lease_until: until } })
  }
})

test('a worker whose task failed gets the next one as well, which is the same task if its retry is due at once', async () => {
  const other = await workspaceWithClaim()
  expect(await other.runOk(['fail', 'ann', 'a', '--error', 'torn', '--claim-next'])).toMatchObject({
    task: { id: 'a', status: 'ready', error: 'torn' },
    next: { task: { id: 'b' }, claim: { attempt: 1 } },
    seq: 7,
  })
  const same = await workspaceWithClaim()
  expect(await same.runOk(['fail', 'ann', 'a', '--retry-in', '0', '--claim-next', 'docs'])).toMatchObject({
    task: { id: 'a', status: 'ready' },
    claim: { token: 7, attempt: 2 },
    next: { task: { id: 'a' }, claim: { token: 7, attempt: 2 } },
  })
})

test('without a ready task the claim still ends, and the result has the refusal of the claim', async () => {
  const workspace = await workspaceWithClaim()
  await workspace.runOk(['claim', 'bob', 'ci', '--lease', '1h'])
  const { next, no_next: noNext, ...result } = await workspace.runOk(['complete', 'ann', 'a', '--claim-next', 'ci'])
  expect({ next, result }).toEqual({
    next: null,
    result: { ok: true, task: { id: 'a', kind: 'docs', status: 'done' }, seq: 7 },
  })
  const refused = await workspace.run(['claim', 'ann', 'ci'])
  expect([refused.status, parseOutput(refused)]).toEqual([3, { ok: false, ...(noNext as object) }])
  expect(noNext).toMatchObject({
    error: 'no_ready_task',
    kinds: ['ci'],
    waiting: [{ kind: 'ci', claimed: 1 }],
    tasks: [{ task_id: 'c', guards: [{ guard: 'claimed', worker: 'bob' }] }],
    next_at: workspace.readEvents()[5]?.['lease_until'],
  })
})

test('a dependent of the completed task can be next, and the freed slot of a limited kind can be used', async () => {
  const workspace = await workspaceWithClaim()
  await workspace.runOk(['limit', 'docs', '1'])
  await workspace.runOk(['add', 'docs', 'd', '--needs', 'a', '--priority', '0'])
  const { next } = await workspace.runOk(['complete', 'ann', 'a', '--claim-next', 'docs'])
  expect(next).toMatchObject({ task: { id: 'd' } })
  expect((await workspace.run(['verify'])).status).toBe(0)
})

test('a completion that is refused claims nothing', async () => {
  const workspace = await workspaceWithClaim()
  await workspace.runOk(['claim', 'ann', 'docs', '--lease', '1ms'])
  await workspace.runOk(['claim', 'bob', 'docs'])
  const log = workspace.readText('events.jsonl')
  for (const [words, exit, error] of [
    [['ann', 'b'], 4, 'lease_lost'],
    [['bob', 'a'], 4, 'not_holder'],
    [['ann', 'a', '--token', '4'], 4, 'not_holder'],
    [['ann', 'x'], 5, 'unknown_task'],
  ] as const) {
    const refused = await workspace.run(['complete', ...words, '--claim-next'])
    expect([refused.status, parseOutput(refused)['error']]).toEqual([exit, error])
  }
  expect(workspace.readText('events.jsonl')).toBe(log)
})

test('a repetition claims another task; with the same request id it gets the first answer', async () => {
  const words = ['complete', 'ann', 'a', '--claim-next']
  const second = await workspaceWithClaim()
  await second.runOk(words)
  expect(await second.runOk(words)).toMatchObject({ task: { id: 'a', status: 'done' }, next: { task: { id: 'c' } } })
  expect(eventsAfterSetup(second)).toEqual([
    ['completed', 'ann', 'a', true],
    ['claimed', 'ann', 'b', undefined],
    ['claimed', 'ann', 'c', undefined],
  ])

  const repeated = await workspaceWithClaim()
  const first = await repeated.run([...words, '--request-id', 'r'])
  await repeated.runOk(['release', 'ann', 'b'])
  const log = repeated.readText('events.jsonl')
  expect(await repeated.run([...words, '--request-id', 'r'])).toEqual(first)
  const other = await repeated.run([...words, 'ci', '--request-id', 'r'])
  expect([other.status, parseOutput(other)['error']]).toEqual([6, 'request_reused'])
  expect(repeated.readText('events.jsonl')).toBe(log)
})
