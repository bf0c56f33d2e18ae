import { describe, expect, test } from 'vitest'
import { parseOutput, claimlog, temporaryDirectory } from '../support/claimlog-process.ts'
import {
  type CliWorkspace,
  formatDocument,
  type CliLogLine,
  ndjson,
  newWorkspace,
  cliWorkspace,
} from '../support/cli-workspace.ts'

const addMs = (time: string, ms: number): string => new Date(Date.parse(time) + ms).toISOString()
const [minuteMs, hourMs] = [60_000, 3_600_000]

const eventTime = (workspace: CliWorkspace, seq: number): string => workspace.readEvents()[seq - 1]?.time ?? ''

/** Runs a command, and returns its result and the events it wrote, without the time and the hash of each. */
const runAndReadEvents = async (
  workspace: CliWorkspace,
  ...words: ReadonlyArray<string>
): Promise<{ readonly result: object; readonly lines: ReadonlyArray<object> }> => {
  const before = workspace.readText('events.jsonl')
  const result = await workspace.runOk(words)
  const lines = workspace.readText('events.jsonl').slice(before.length).split('\n').slice(0, -1)
  return { result, lines: lines.map(withoutTimeAndHash) }
}

const withoutTimeAndHash = (line: string): object => {
  const { time, hash, ...event } = JSON.parse(line) as CliLogLine
  expect([time, hash]).toEqual([expect.stringMatching(/Z$/), expect.stringMatching(/^[0-9a-f]{32}$/)])
  return event
}

/** Expects that a repeated command has the same result and writes nothing. */
const expectRepeatUnchanged = async (
  workspace: CliWorkspace,
  words: ReadonlyArray<string>,
  result: object,
): Promise<void> => expect(await runAndReadEvents(workspace, ...words)).toEqual({ result, lines: [] })

const ready = { id: 'task', kind: 'docs', status: 'ready' }

describe('amend', () => {
  test('changes all fields of a task in one event, and repeats no field that has the value already', async () => {
    const workspace = await newWorkspace()
    await workspace.runOk(['add', '-'], ndjson({ kind: 'docs', task_id: 'first' }, { kind: 'docs', task_id: 'task' }))
    const words = ['amend', 'task', '--kind', 'review', '--title', 'B', '--payload', '{"a":[1]}', '--needs', 'first']
    words.push('--priority', '0', '--at', '2026-12-01T10:00:30+01:00', '--max-attempts', '5', '--backoff', '1s..1m')
    words.push('--lease', 'none', '--tag', 'x', '--tag', 'y', '--by', 'eve')
    const fields = {
      ...{ title: 'B', payload: { a: [1] }, needs: ['first'], priority: 0, not_before: '2026-12-01T09:00:30.000Z' },
      ...{ max_attempts: 5, backoff: { first_ms: 1000, max_ms: 60_000 }, lease_ms: null, tags: ['x', 'y'] },
    }
    const result = { ok: true, task: { id: 'task', kind: 'review', status: 'blocked', ...fields }, seq: 4 }
    expect(await runAndReadEvents(workspace, ...words)).toEqual({
      result,
      lines: [{ seq: 4, event: 'amended', task_id: 'task', kind: 'review', ...fields, by: 'eve' }],
    })
    await expectRepeatUnchanged(workspace, words, result)
    // Only the fields that change are logged.
    const { lines } = await runAndReadEvents(
      workspace,
      'amend',
      'task',
      '--title',
      'B',
      '--priority',
      '1',
      '--tag',
      'z',
    )
    expect(lines).toEqual([{ seq: 5, event: 'amended', task_id: 'task', priority: 1, tags: ['z'] }])
  })

  test('removes the dependencies and the tags of a task', async () => {
    const workspace = await newWorkspace()
    await workspace.runOk(['add', 'docs', 'first'])
    await workspace.runOk(['add', 'docs', 'task', '--needs', 'first', '--tag', 'x'])
    expect(await runAndReadEvents(workspace, 'amend', 'task', '--no-needs', '--no-tag')).toMatchObject({
      result: { ok: true, task: ready, seq: 4 },
      lines: [{ seq: 4, event: 'amended', task_id: 'task', needs: [], tags: [] }],
    })
    expect(await workspace.runOk(['claim', 'w', '--task', 'task'])).toMatchObject({ ok: true })
  })

  test('changes a claimed task, unless its worker would lose the claim', async () => {
    const workspace = await newWorkspace()
    await workspace.runOk(['add', '-'], ndjson({ kind: 'docs', task_id: 'other' }, { kind: 'docs', task_id: 'task' }))
    await workspace.runOk(['claim', 'ann', '--task', 'task', '--lease', 'none'])
    const { result } = await runAndReadEvents(workspace, 'amend', 'task', '--title', 'T')
    const claim = { worker: 'ann', token: 4, attempt: 1, claimed_at: eventTime(workspace, 4), lease_until: null }
    expect(result).toEqual({ ok: true, task: { ...ready, title: 'T' }, claim, seq: 5 })
    for (const words of [
      ['--needs', 'other'],
      ['--kind', 'review'],
    ]) {
      const refused = await workspace.run(['amend', 'task', ...words])
      expect([refused.status, parseOutput(refused)]).toMatchObject([6, { error: 'already_claimed', claim }])
    }
    expect(await workspace.runOk(['complete', 'ann', 'task'])).toMatchObject({ ok: true, seq: 6 })
  })
})

describe('a task that cannot be claimed before a time', () => {
  test('has a date, a time with its zone, or a delay from now', async () => {
    const workspace = await newWorkspace()
    const rows: ReadonlyArray<readonly [flag: string, value: string, notBefore: (time: string) => string]> = [
      ['--at', '2099-12-01', () => '2099-12-01T00:00:00.000Z'],
      ['--at', '2099-12-01T10:00Z', () => '2099-12-01T10:00:00.000Z'],
      ['--at', '2099-12-01T10:00:30+01:00', () => '2099-12-01T09:00:30.000Z'],
      ['--at', '2099-12-01T23:30:00.25-05:30', () => '2099-12-02T05:00:00.250Z'],
      ['--in', '90m', time => addMs(time, 90 * minuteMs)],
      ['--in', '1.5d', time => addMs(time, 36 * hourMs)],
      ['--in', '0', time => time],
      ['--at', 'now', time => time],
    ]
    for (const [flag, value, notBefore] of rows) {
      const { result, lines } = await runAndReadEvents(workspace, 'add', 'docs', flag, value)
      const seq = workspace.readEvents().length
      const id = `docs-${seq}`
      const not_before = notBefore(eventTime(workspace, seq))
      expect([flag, value, result, lines]).toEqual([
        ...[flag, value, { ok: true, task: { id, kind: 'docs', status: 'ready', not_before }, seq }],
        [{ seq, event: 'added', task_id: id, kind: 'docs', not_before }],
      ])
    }
    const { tasks } = await workspace.runOk(['claim', 'w', 'docs', '--count', '9'])
    expect((tasks as ReadonlyArray<{ id: string }>).map(({ id }) => id)).toEqual(['docs-8', 'docs-9'])
  })

  test('can be claimed after it is amended to now, even if it waits for a retry', async () => {
    const workspace = await newWorkspace()
    await workspace.runOk(['add', 'docs', 'task', '--at', '2999-01-01'])
    const claim = ['claim', 'ann', '--task', 'task']
    const early = await workspace.run(claim)
    expect([early.status, parseOutput(early)]).toMatchObject([
      6,
      { error: 'not_due', due_at: '2999-01-01T00:00:00.000Z' },
    ])
    await workspace.runOk(['amend', 'task', '--at', 'now'])
    expect(await workspace.runOk(claim)).toMatchObject({ claim: { attempt: 1 } })
    await workspace.runOk(['fail', 'ann', 'task', '--retry-in', '1h'])
    await workspace.runOk(['amend', 'task', '--in', '0'])
    expect(await workspace.runOk(claim)).toMatchObject({ claim: { attempt: 2 } })
  })
})

test('the delay after a failure is the backoff of the task, else of the workspace, doubled each time up to its maximum', async () => {
  const workspace = cliWorkspace(temporaryDirectory())
  const created = await claimlog(['init', '--backoff', '1h..3h'], { cwd: workspace.cwd })
  expect(parseOutput(created)).toMatchObject({ ok: true, created: true })
  expect(workspace.readEvents()[0]).toMatchObject({ backoff: { first_ms: hourMs, max_ms: 3 * hourMs } })
  await workspace.runOk(['add', 'docs', 'theirs', '--max-attempts', '9'])
  await workspace.runOk(['add', 'docs', 'own', '--backoff', '2m', '--max-attempts', '9'])
  const waits: Record<string, Array<number>> = { theirs: [], own: [] }
  for (const task of ['theirs', 'theirs', 'theirs', 'own', 'own']) {
    await workspace.runOk(['claim', 'w', '--task', task])
    await workspace.runOk(['fail', 'w', task])
    const { time, retry_at } = workspace.readEvents().at(-1) as CliLogLine
    waits[task]?.push(Date.parse(String(retry_at)) - Date.parse(time))
    await workspace.runOk(['amend', task, '--at', 'now'])
  }
  // Up to half is subtracted as jitter, so that tasks that failed together are not retried together.
  const fullDelays = { theirs: [hourMs, 2 * hourMs, 3 * hourMs], own: [2 * minuteMs, 2 * minuteMs] }
  for (const [task, delayMax] of Object.entries(fullDelays))
    expect(waits[task]?.map((wait, i) => wait >= (delayMax[i] ?? 0) / 2 && wait <= (delayMax[i] ?? 0))).toEqual(
      delayMax.map(() => true),
    )
})

test('cancel ends a claimed task, and its worker is refused from then on; a repetition changes nothing', async () => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 'task'])
  await workspace.runOk(['claim', 'ann', 'docs'])
  const words = ['cancel', 'task', '--reason', 'not needed', '--by', 'eve']
  const result = { ok: true, task: { ...ready, status: 'cancelled' }, seq: 4 }
  const line = { seq: 4, event: 'cancelled', task_id: 'task', reason: 'not needed', by: 'eve' }
  expect(await runAndReadEvents(workspace, ...words)).toEqual({ result, lines: [line] })
  await expectRepeatUnchanged(workspace, ['cancel', 'task', '--reason', 'for another reason'], result)
  const log = workspace.readText('events.jsonl')
  for (const command of ['complete', 'fail', 'renew', 'release']) {
    const refused = await workspace.run([command, 'ann', 'task'])
    const { error, status } = parseOutput(refused)
    expect([command, refused.status, error, status]).toEqual([command, 6, 'task_finished', 'cancelled'])
  }
  expect(workspace.readText('events.jsonl')).toBe(log)
  expect((await workspace.run(['show', 'task'])).stdout).toMatch(/^cancelled +not needed$/m)
})

test('retry makes a failed, a cancelled or a done task ready with no attempts; an open task remains unchanged', async () => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 'task', '--max-attempts', '1'])
  const task = { ...ready, max_attempts: 1 }
  await expectRepeatUnchanged(workspace, ['retry', 'task'], { ok: true, task, seq: 2 })
  const endings = [
    ['fail', 'ann', 'task', '--error', 'no disk'],
    ['complete', 'ann', 'task', '--result', '12'],
    ['cancel', 'task'],
  ]
  for (const [index, ending] of endings.entries()) {
    expect(await workspace.runOk(['claim', 'ann', '--task', 'task'])).toMatchObject({ claim: { attempt: 1 } })
    await workspace.runOk(ending)
    const seq = 5 + 3 * index
    expect(await runAndReadEvents(workspace, 'retry', 'task', '--reason', 'a new disk', '--by', 'eve')).toEqual({
      result: { ok: true, task, seq },
      lines: [{ seq, event: 'retried', task_id: 'task', reason: 'a new disk', by: 'eve' }],
    })
    expect(await workspace.runOk(['show', 'task', '--json'])).toMatchObject({ attempts: 0 })
  }
})

test('a dependent of a done task is blocked again by its retry, which is refused while the dependent is claimed', async () => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 'first'])
  await workspace.runOk(['add', 'docs', 'task', '--needs', 'first'])
  await workspace.runOk(['claim', 'ann', 'docs'])
  await workspace.runOk(['complete', 'ann', 'first'])
  await workspace.runOk(['claim', 'ann', 'docs'])
  const refused = await workspace.run(['retry', 'first'])
  const claimFields = { task_id: 'task', needs: 'first', claim: { worker: 'ann', token: 6 } }
  expect([refused.status, parseOutput(refused)]).toMatchObject([6, { error: 'already_claimed', ...claimFields }])
  await workspace.runOk(['release', 'ann', 'task'])
  await workspace.runOk(['retry', 'first'])
  expect(await workspace.runOk(['show', 'task', '--json'])).toMatchObject({
    task: { status: 'blocked' },
    open_needs: ['first'],
  })
})

test('note adds a note, as an argument or with --text, and the same text again is another note', async () => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 'task'])
  const queue = JSON.parse(workspace.readText('queue.json')) as object
  for (const [i, text] of ['looks good', 'looks good', '-5 pages', 'two\nlines'].entries()) {
    const words = text.startsWith('-') ? ['--text', text] : [text]
    const seq = 3 + i
    expect(await runAndReadEvents(workspace, 'note', 'task', ...words, '--by', 'eve')).toEqual({
      result: { ok: true, task: ready, seq },
      lines: [{ seq, event: 'noted', task_id: 'task', text, by: 'eve' }],
    })
  }
  expect(JSON.parse(workspace.readText('queue.json'))).toEqual({ ...queue, seq: 6 })
  expect((await workspace.run(['trace', 'task'])).stdout).toMatch(/looks good[^]*-5 pages[^]*two\\nlines/)
})

describe('the rules of a kind', () => {
  test('paused: no claims, and running claims continue; resumed: as before', async () => {
    const workspace = await newWorkspace()
    await workspace.runOk(['add', '-'], ndjson({ kind: 'docs', task_id: 'held' }, { kind: 'docs', task_id: 'free' }))
    await workspace.runOk(['claim', 'ann', 'docs'])
    const words = ['pause', 'docs', '--reason', 'no paper', '--by', 'eve']
    const line = { seq: 5, event: 'paused', kind: 'docs', reason: 'no paper', by: 'eve' }
    const first = await runAndReadEvents(workspace, ...words)
    const paused = { since: eventTime(workspace, 5), seq: 5, reason: 'no paper', by: 'eve' }
    const result = { ok: true, rules: { kind: 'docs', paused }, seq: 5 }
    expect(first).toEqual({ result, lines: [line] })
    await expectRepeatUnchanged(workspace, ['pause', 'docs', '--reason', 'another'], result)
    expect((await workspace.run(['claim', 'bob', 'docs'])).status).toBe(3)
    expect(await workspace.runOk(['renew', 'ann', 'held'])).toMatchObject({ ok: true, seq: 6 })
    expect(await workspace.runOk(['complete', 'ann', 'held'])).toMatchObject({ ok: true, seq: 7 })
    const withoutRules = { ok: true, rules: { kind: 'docs' }, seq: 8 }
    const resumed = { seq: 8, event: 'resumed', kind: 'docs', reason: 'paper came' }
    expect(await runAndReadEvents(workspace, 'resume', 'docs', '--reason', 'paper came')).toEqual({
      result: withoutRules,
      lines: [resumed],
    })
    await expectRepeatUnchanged(workspace, ['resume', 'docs'], withoutRules)
    expect(await workspace.runOk(['claim', 'bob', 'docs'])).toMatchObject({ task: { id: 'free' } })
  })

  test('limited: no further claims beyond the limit, and existing claims remain; none removes the limit', async () => {
    const workspace = await newWorkspace()
    await workspace.runOk(['add', '-'], ndjson({ kind: 'docs' }, { kind: 'docs' }, { kind: 'docs' }, { kind: 'docs' }))
    await workspace.runOk(['claim', 'ann', 'docs', '--count', '2'])
    const result = { ok: true, rules: { kind: 'docs', limit: 1 }, seq: 8 }
    const line = { seq: 8, event: 'limited', kind: 'docs', limit: 1, by: 'eve' }
    expect(await runAndReadEvents(workspace, 'limit', 'docs', '1', '--by', 'eve')).toEqual({
      result,
      lines: [line],
    })
    await expectRepeatUnchanged(workspace, ['limit', 'docs', '1'], result)
    expect(await workspace.runOk(['complete', 'ann', 'docs-2'])).toMatchObject({ ok: true })
    // One task is still claimed, so the limit of one is reached.
    expect((await workspace.run(['claim', 'bob', 'docs'])).status).toBe(3)
    await workspace.runOk(['complete', 'ann', 'docs-3'])
    expect(await workspace.runOk(['claim', 'bob', 'docs'])).toMatchObject({ task: { id: 'docs-4' }, seq: 11 })
    const lifted = { ok: true, rules: { kind: 'docs' }, seq: 12 }
    const none = { seq: 12, event: 'limited', kind: 'docs', limit: null }
    expect(await runAndReadEvents(workspace, 'limit', 'docs', 'none')).toEqual({ result: lifted, lines: [none] })
    await expectRepeatUnchanged(workspace, ['limit', 'docs', 'none'], lifted)
    expect(await workspace.runOk(['claim', 'bob', 'docs'])).toMatchObject({ task: { id: 'docs-5' } })
  })
})

describe('claim', () => {
  test('claims several tasks in one decision: by priority, then age, over all kinds, within their limits', async () => {
    const workspace = await newWorkspace()
    const docs = ['a', 'b', 'c'].map(task_id => ({ kind: 'docs', task_id }))
    const urgent = { kind: 'print', task_id: 'urgent', priority: 0 }
    await workspace.runOk(['add', '-'], ndjson(...docs, { kind: 'print', task_id: 'p' }, urgent, { kind: 'other' }))
    await workspace.runOk(['limit', 'docs', '2'])
    const many = await workspace.run(['claim', 'ann', 'docs', 'print', '--count', '3', '--lease', '1h'])
    const time = eventTime(workspace, 9)
    const expectedClaim = (token: number) => {
      return { worker: 'ann', token, attempt: 1, claimed_at: time, lease_until: addMs(time, hourMs) }
    }
    const tasks = [{ ...ready, id: 'urgent', kind: 'print', priority: 0 }, ...['a', 'b'].map(id => ({ ...ready, id }))]
    const claimedTasks = tasks.map((task, i) => ({ ...task, claim: expectedClaim(9 + i) }))
    expect(many).toEqual({ status: 0, stdout: formatDocument({ ok: true, tasks: claimedTasks, seq: 11 }), stderr: '' })
    expect(workspace.readEvents().slice(8)).toMatchObject(
      tasks.map(({ id: task_id }, i) => ({ seq: 9 + i, event: 'claimed', task_id, ...(i < 2 ? { more: true } : {}) })),
    )
    // There are fewer than --count: c is over the limit of its kind.
    const rest = await workspace.runOk(['claim', 'bob', 'docs', 'print', '--count', '5'])
    expect(rest).toMatchObject({ tasks: [{ id: 'p', claim: { worker: 'bob', token: 12 } }], seq: 12 })
    expect(rest['tasks']).toHaveLength(1)
    const log = workspace.readText('events.jsonl')
    const none = await workspace.run(['claim', 'bob', 'docs', 'print', '--count', '5'])
    expect([none.status, parseOutput(none)]).toMatchObject([3, { error: 'no_ready_task', full: ['docs'] }])
    expect(workspace.readText('events.jsonl')).toBe(log)
  })

  test('succeeds only if the log ends at the expected seq', async () => {
    const workspace = await newWorkspace()
    await workspace.runOk(['add', '-'], ndjson({ kind: 'docs' }, { kind: 'docs' }))
    const log = workspace.readText('events.jsonl')
    for (const expected of [2, 4]) {
      const refused = await workspace.run(['claim', 'ann', 'docs', '--expect-seq', String(expected)])
      const { hint, ...rest } = parseOutput(refused)
      expect({ status: refused.status, ...rest }).toEqual({
        ...{ status: 6, ok: false, error: 'seq_conflict', message: `the log ends at seq 3, not at ${expected}` },
        ...{ expected_seq: expected, seq: 3 },
      })
      expect(hint).toContain('--expect-seq 3')
    }
    expect(workspace.readText('events.jsonl')).toBe(log)
    expect(await workspace.runOk(['claim', 'ann', 'docs', '--expect-seq', '3'])).toMatchObject({
      claim: { token: 4 },
      seq: 4,
    })
  })
})

test('list shows for each task its error, or the reason why it can never be done', async () => {
  const workspace = await newWorkspace()
  const tasks = [
    ...['failed', 'lapsed', 'dropped', 'held', 'free'].map(task_id => ({ kind: 'docs', task_id, max_attempts: 1 })),
    { kind: 'docs', task_id: 'waits', needs: ['free', 'failed', 'dropped'] },
  ]
  await workspace.runOk(['add', '-'], ndjson(...tasks))
  await workspace.runOk(['claim', 'ann', '--task', 'lapsed', '--lease', '1ms'])
  await workspace.runOk(['claim', 'ann', '--task', 'failed'])
  await workspace.runOk(['fail', 'ann', 'failed', '--error', 'no\ndisk'])
  await workspace.runOk(['cancel', 'dropped'])
  await workspace.runOk(['hold', 'held'])
  await workspace.runOk(['claim', 'ann', 'docs', '--lease', 'none'])
  const ended = String(workspace.readEvents()[7]?.['lease_until'])
  const expiryNote = `the lease expired at ${ended} and no attempts are left`
  const note = 'NOTE'.padEnd(expiryNote.length)
  expect((await workspace.run(['list'])).stdout).toBe(`TASK     KIND  STATUS     CLAIM           ${note}  TITLE
failed   docs  failed     -               no\\ndisk
lapsed   docs  failed     -               ${expiryNote}
dropped  docs  cancelled  -
held     docs  blocked    -               on hold
free     docs  ready      ann, no expiry
waits    docs  blocked    -               failed, dropped failed or cancelled
`)
  const { tasks: listed } = await workspace.runOk(['list', '--json', '--status', 'blocked'])
  expect(listed).toMatchObject([{ id: 'held' }, { id: 'waits', dead_needs: ['failed', 'dropped'] }])
  expect((await workspace.run(['list', '--status', 'failed'])).stdout).toBe(`TASK    KIND  STATUS  CLAIM  ${note}  TITLE
failed  docs  failed  -      no\\ndisk
lapsed  docs  failed  -      ${expiryNote}
`)
  expect((await workspace.run(['show', 'waits'])).stdout).toMatch(
    /^blocked by +failed, dropped \(failed or cancelled\)$/m,
  )
})
