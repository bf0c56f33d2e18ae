import { describe, expect, test } from 'vitest'
import { answer, claimlog, temporaryDirectory } from '../support/claimlog-process.ts'
import {
  type CliWorkspace,
  document,
  type LogLine,
  ndjson,
  newWorkspace,
  workspaceIn,
} from '../support/cli-workspace.ts'

const later = (time: string, ms: number): string => new Date(Date.parse(time) + ms).toISOString()
const [minutes, hours] = [60_000, 3_600_000]

const timeOf = (workspace: CliWorkspace, seq: number): string => workspace.events()[seq - 1]?.time ?? ''

/** Runs a command, and returns its result and the events it wrote, without the time and the hash of each. */
const ordered = async (
  workspace: CliWorkspace,
  ...words: ReadonlyArray<string>
): Promise<{ readonly answer: object; readonly lines: ReadonlyArray<object> }> => {
  const before = workspace.text('events.jsonl')
  const said = await workspace.done(words)
  const lines = workspace.text('events.jsonl').slice(before.length).split('\n').slice(0, -1)
  return { answer: said, lines: lines.map(bare) }
}

const bare = (line: string): object => {
  const { time, hash, ...event } = JSON.parse(line) as LogLine
  expect([time, hash]).toEqual([expect.stringMatching(/Z$/), expect.stringMatching(/^[0-9a-f]{32}$/)])
  return event
}

/** Expects that a repeated command has the same result and writes nothing. */
const expectAgain = async (workspace: CliWorkspace, words: ReadonlyArray<string>, said: object): Promise<void> =>
  expect(await ordered(workspace, ...words)).toEqual({ answer: said, lines: [] })

const ready = { id: 'task', kind: 'docs', status: 'ready' }

describe('amend', () => {
  test('changes all fields of a task in one event, and repeats no field that has the value already', async () => {
    const workspace = await newWorkspace()
    await workspace.done(['add', '-'], ndjson({ kind: 'docs', task_id: 'first' }, { kind: 'docs', task_id: 'task' }))
    const words = ['amend', 'task', '--kind', 'review', '--title', 'B', '--payload', '{"a":[1]}', '--needs', 'first']
    words.push('--priority', '0', '--at', '2026-12-01T10:00:30+01:00', '--max-attempts', '5', '--backoff', '1s..1m')
    words.push('--lease', 'none', '--tag', 'x', '--tag', 'y', '--by', 'eve')
    const fields = {
      ...{ title: 'B', payload: { a: [1] }, needs: ['first'], priority: 0, not_before: '2026-12-01T09:00:30.000Z' },
      ...{ max_attempts: 5, backoff: { first_ms: 1000, max_ms: 60_000 }, lease_ms: null, tags: ['x', 'y'] },
    }
    const said = { ok: true, task: { id: 'task', kind: 'review', status: 'blocked', ...fields }, seq: 4 }
    expect(await ordered(workspace, ...words)).toEqual({
      answer: said,
      lines: [{ seq: 4, event: 'amended', task_id: 'task', kind: 'review', ...fields, by: 'eve' }],
    })
    await expectAgain(workspace, words, said)
    // Only the fields that change are logged.
    const { lines } = await ordered(workspace, 'amend', 'task', '--title', 'B', '--priority', '1', '--tag', 'z')
    expect(lines).toEqual([{ seq: 5, event: 'amended', task_id: 'task', priority: 1, tags: ['z'] }])
  })

  test('removes the dependencies and the tags of a task', async () => {
    const workspace = await newWorkspace()
    await workspace.done(['add', 'docs', 'first'])
    await workspace.done(['add', 'docs', 'task', '--needs', 'first', '--tag', 'x'])
    expect(await ordered(workspace, 'amend', 'task', '--no-needs', '--no-tag')).toMatchObject({
      answer: { ok: true, task: ready, seq: 4 },
      lines: [{ seq: 4, event: 'amended', task_id: 'task', needs: [], tags: [] }],
    })
    expect(await workspace.done(['claim', 'w', '--task', 'task'])).toMatchObject({ ok: true })
  })

  test('changes a claimed task, unless its worker would lose the claim', async () => {
    const workspace = await newWorkspace()
    await workspace.done(['add', '-'], ndjson({ kind: 'docs', task_id: 'other' }, { kind: 'docs', task_id: 'task' }))
    await workspace.done(['claim', 'ann', '--task', 'task', '--lease', 'none'])
    const { answer: said } = await ordered(workspace, 'amend', 'task', '--title', 'T')
    const claim = { worker: 'ann', token: 4, attempt: 1, claimed_at: timeOf(workspace, 4), lease_until: null }
    expect(said).toEqual({ ok: true, task: { ...ready, title: 'T' }, claim, seq: 5 })
    for (const words of [
      ['--needs', 'other'],
      ['--kind', 'review'],
    ]) {
      const refused = await workspace.run(['amend', 'task', ...words])
      expect([refused.status, answer(refused)]).toMatchObject([6, { error: 'already_claimed', claim }])
    }
    expect(await workspace.done(['complete', 'ann', 'task'])).toMatchObject({ ok: true, seq: 6 })
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
      ['--in', '90m', time => later(time, 90 * minutes)],
      ['--in', '1.5d', time => later(time, 36 * hours)],
      ['--in', '0', time => time],
      ['--at', 'now', time => time],
    ]
    for (const [flag, value, notBefore] of rows) {
      const { answer: said, lines } = await ordered(workspace, 'add', 'docs', flag, value)
      const seq = workspace.events().length
      const id = `docs-${seq}`
      const not_before = notBefore(timeOf(workspace, seq))
      expect([flag, value, said, lines]).toEqual([
        ...[flag, value, { ok: true, task: { id, kind: 'docs', status: 'ready', not_before }, seq }],
        [{ seq, event: 'added', task_id: id, kind: 'docs', not_before }],
      ])
    }
    const { tasks } = await workspace.done(['claim', 'w', 'docs', '--count', '9'])
    expect((tasks as ReadonlyArray<{ id: string }>).map(({ id }) => id)).toEqual(['docs-8', 'docs-9'])
  })

  test('can be claimed after it is amended to now, even if it waits for a retry', async () => {
    const workspace = await newWorkspace()
    await workspace.done(['add', 'docs', 'task', '--at', '2999-01-01'])
    const claim = ['claim', 'ann', '--task', 'task']
    const early = await workspace.run(claim)
    expect([early.status, answer(early)]).toMatchObject([6, { error: 'not_due', due_at: '2999-01-01T00:00:00.000Z' }])
    await workspace.done(['amend', 'task', '--at', 'now'])
    expect(await workspace.done(claim)).toMatchObject({ claim: { attempt: 1 } })
    await workspace.done(['fail', 'ann', 'task', '--retry-in', '1h'])
    await workspace.done(['amend', 'task', '--in', '0'])
    expect(await workspace.done(claim)).toMatchObject({ claim: { attempt: 2 } })
  })
})

test('the delay after a failure is the backoff of the task, else of the workspace, doubled each time up to its maximum', async () => {
  const workspace = workspaceIn(temporaryDirectory())
  const made = await claimlog(['init', '--backoff', '1h..3h'], { cwd: workspace.cwd })
  expect(answer(made)).toMatchObject({ ok: true, created: true })
  expect(workspace.events()[0]).toMatchObject({ backoff: { first_ms: hours, max_ms: 3 * hours } })
  await workspace.done(['add', 'docs', 'theirs', '--max-attempts', '9'])
  await workspace.done(['add', 'docs', 'own', '--backoff', '2m', '--max-attempts', '9'])
  const waits: Record<string, Array<number>> = { theirs: [], own: [] }
  for (const task of ['theirs', 'theirs', 'theirs', 'own', 'own']) {
    await workspace.done(['claim', 'w', '--task', task])
    await workspace.done(['fail', 'w', task])
    const { time, retry_at } = workspace.events().at(-1) as LogLine
    waits[task]?.push(Date.parse(String(retry_at)) - Date.parse(time))
    await workspace.done(['amend', task, '--at', 'now'])
  }
  // Up to half is subtracted as jitter, so that tasks that failed together are not retried together.
  const full = { theirs: [hours, 2 * hours, 3 * hours], own: [2 * minutes, 2 * minutes] }
  for (const [task, longest] of Object.entries(full))
    expect(waits[task]?.map((wait, i) => wait >= (longest[i] ?? 0) / 2 && wait <= (longest[i] ?? 0))).toEqual(
      longest.map(() => true),
    )
})

test('cancel ends a claimed task, and its worker is refused from then on; a repetition changes nothing', async () => {
  const workspace = await newWorkspace()
  await workspace.done(['add', 'docs', 'task'])
  await workspace.done(['claim', 'ann', 'docs'])
  const words = ['cancel', 'task', '--reason', 'not needed', '--by', 'eve']
  const said = { ok: true, task: { ...ready, status: 'cancelled' }, seq: 4 }
  const line = { seq: 4, event: 'cancelled', task_id: 'task', reason: 'not needed', by: 'eve' }
  expect(await ordered(workspace, ...words)).toEqual({ answer: said, lines: [line] })
  await expectAgain(workspace, ['cancel', 'task', '--reason', 'for another reason'], said)
  const log = workspace.text('events.jsonl')
  for (const order of ['complete', 'fail', 'renew', 'release']) {
    const refused = await workspace.run([order, 'ann', 'task'])
    const { error, status } = answer(refused)
    expect([order, refused.status, error, status]).toEqual([order, 6, 'task_finished', 'cancelled'])
  }
  expect(workspace.text('events.jsonl')).toBe(log)
  expect((await workspace.run(['show', 'task'])).stdout).toMatch(/^cancelled +not needed$/m)
})

test('retry makes a failed, a cancelled or a done task ready with no attempts; an open task remains unchanged', async () => {
  const workspace = await newWorkspace()
  await workspace.done(['add', 'docs', 'task', '--max-attempts', '1'])
  const task = { ...ready, max_attempts: 1 }
  await expectAgain(workspace, ['retry', 'task'], { ok: true, task, seq: 2 })
  const endings = [
    ['fail', 'ann', 'task', '--error', 'no disk'],
    ['complete', 'ann', 'task', '--result', '12'],
    ['cancel', 'task'],
  ]
  for (const [turn, ending] of endings.entries()) {
    expect(await workspace.done(['claim', 'ann', '--task', 'task'])).toMatchObject({ claim: { attempt: 1 } })
    await workspace.done(ending)
    const seq = 5 + 3 * turn
    expect(await ordered(workspace, 'retry', 'task', '--reason', 'a new disk', '--by', 'eve')).toEqual({
      answer: { ok: true, task, seq },
      lines: [{ seq, event: 'retried', task_id: 'task', reason: 'a new disk', by: 'eve' }],
    })
    expect(await workspace.done(['show', 'task', '--json'])).toMatchObject({ attempts: 0 })
  }
})

test('a dependent of a done task is blocked again by its retry, which is refused while the dependent is claimed', async () => {
  const workspace = await newWorkspace()
  await workspace.done(['add', 'docs', 'first'])
  await workspace.done(['add', 'docs', 'task', '--needs', 'first'])
  await workspace.done(['claim', 'ann', 'docs'])
  await workspace.done(['complete', 'ann', 'first'])
  await workspace.done(['claim', 'ann', 'docs'])
  const refused = await workspace.run(['retry', 'first'])
  const who = { task_id: 'task', needs: 'first', claim: { worker: 'ann', token: 6 } }
  expect([refused.status, answer(refused)]).toMatchObject([6, { error: 'already_claimed', ...who }])
  await workspace.done(['release', 'ann', 'task'])
  await workspace.done(['retry', 'first'])
  expect(await workspace.done(['show', 'task', '--json'])).toMatchObject({
    task: { status: 'blocked' },
    open_needs: ['first'],
  })
})

test('note adds a note, as an argument or with --text, and the same text again is another note', async () => {
  const workspace = await newWorkspace()
  await workspace.done(['add', 'docs', 'task'])
  const queue = JSON.parse(workspace.text('queue.json')) as object
  for (const [i, text] of ['looks good', 'looks good', '-5 pages', 'two\nlines'].entries()) {
    const words = text.startsWith('-') ? ['--text', text] : [text]
    const seq = 3 + i
    expect(await ordered(workspace, 'note', 'task', ...words, '--by', 'eve')).toEqual({
      answer: { ok: true, task: ready, seq },
      lines: [{ seq, event: 'noted', task_id: 'task', text, by: 'eve' }],
    })
  }
  expect(JSON.parse(workspace.text('queue.json'))).toEqual({ ...queue, seq: 6 })
  expect((await workspace.run(['trace', 'task'])).stdout).toMatch(/looks good[^]*-5 pages[^]*two\\nlines/)
})

describe('the rules of a kind', () => {
  test('paused: no claims, and running claims continue; resumed: as before', async () => {
    const workspace = await newWorkspace()
    await workspace.done(['add', '-'], ndjson({ kind: 'docs', task_id: 'held' }, { kind: 'docs', task_id: 'free' }))
    await workspace.done(['claim', 'ann', 'docs'])
    const words = ['pause', 'docs', '--reason', 'no paper', '--by', 'eve']
    const line = { seq: 5, event: 'paused', kind: 'docs', reason: 'no paper', by: 'eve' }
    const first = await ordered(workspace, ...words)
    const paused = { since: timeOf(workspace, 5), seq: 5, reason: 'no paper', by: 'eve' }
    const said = { ok: true, rules: { kind: 'docs', paused }, seq: 5 }
    expect(first).toEqual({ answer: said, lines: [line] })
    await expectAgain(workspace, ['pause', 'docs', '--reason', 'another'], said)
    expect((await workspace.run(['claim', 'bob', 'docs'])).status).toBe(3)
    expect(await workspace.done(['renew', 'ann', 'held'])).toMatchObject({ ok: true, seq: 6 })
    expect(await workspace.done(['complete', 'ann', 'held'])).toMatchObject({ ok: true, seq: 7 })
    const open = { ok: true, rules: { kind: 'docs' }, seq: 8 }
    const resumed = { seq: 8, event: 'resumed', kind: 'docs', reason: 'paper came' }
    expect(await ordered(workspace, 'resume', 'docs', '--reason', 'paper came')).toEqual({
      answer: open,
      lines: [resumed],
    })
    await expectAgain(workspace, ['resume', 'docs'], open)
    expect(await workspace.done(['claim', 'bob', 'docs'])).toMatchObject({ task: { id: 'free' } })
  })

  test('limited: no further claims beyond the limit, and existing claims remain; none removes the limit', async () => {
    const workspace = await newWorkspace()
    await workspace.done(['add', '-'], ndjson({ kind: 'docs' }, { kind: 'docs' }, { kind: 'docs' }, { kind: 'docs' }))
    await workspace.done(['claim', 'ann', 'docs', '--count', '2'])
    const said = { ok: true, rules: { kind: 'docs', limit: 1 }, seq: 8 }
    const line = { seq: 8, event: 'limited', kind: 'docs', limit: 1, by: 'eve' }
    expect(await ordered(workspace, 'limit', 'docs', '1', '--by', 'eve')).toEqual({ answer: said, lines: [line] })
    await expectAgain(workspace, ['limit', 'docs', '1'], said)
    expect(await workspace.done(['complete', 'ann', 'docs-2'])).toMatchObject({ ok: true })
    // One task is still claimed, so the limit of one is reached.
    expect((await workspace.run(['claim', 'bob', 'docs'])).status).toBe(3)
    await workspace.done(['complete', 'ann', 'docs-3'])
    expect(await workspace.done(['claim', 'bob', 'docs'])).toMatchObject({ task: { id: 'docs-4' }, seq: 11 })
    const lifted = { ok: true, rules: { kind: 'docs' }, seq: 12 }
    const none = { seq: 12, event: 'limited', kind: 'docs', limit: null }
    expect(await ordered(workspace, 'limit', 'docs', 'none')).toEqual({ answer: lifted, lines: [none] })
    await expectAgain(workspace, ['limit', 'docs', 'none'], lifted)
    expect(await workspace.done(['claim', 'bob', 'docs'])).toMatchObject({ task: { id: 'docs-5' } })
  })
})

describe('claim', () => {
  test('claims several tasks in one decision: by priority, then age, over all kinds, within their limits', async () => {
    const workspace = await newWorkspace()
    const docs = ['a', 'b', 'c'].map(task_id => ({ kind: 'docs', task_id }))
    const urgent = { kind: 'print', task_id: 'urgent', priority: 0 }
    await workspace.done(['add', '-'], ndjson(...docs, { kind: 'print', task_id: 'p' }, urgent, { kind: 'other' }))
    await workspace.done(['limit', 'docs', '2'])
    const many = await workspace.run(['claim', 'ann', 'docs', 'print', '--count', '3', '--lease', '1h'])
    const time = timeOf(workspace, 9)
    const claimOf = (token: number) => {
      return { worker: 'ann', token, attempt: 1, claimed_at: time, lease_until: later(time, hours) }
    }
    const tasks = [{ ...ready, id: 'urgent', kind: 'print', priority: 0 }, ...['a', 'b'].map(id => ({ ...ready, id }))]
    const handedOut = tasks.map((task, i) => ({ ...task, claim: claimOf(9 + i) }))
    expect(many).toEqual({ status: 0, stdout: document({ ok: true, tasks: handedOut, seq: 11 }), stderr: '' })
    expect(workspace.events().slice(8)).toMatchObject(
      tasks.map(({ id: task_id }, i) => ({ seq: 9 + i, event: 'claimed', task_id, ...(i < 2 ? { more: true } : {}) })),
    )
    // There are fewer than --count: c is over the limit of its kind.
    const rest = await workspace.done(['claim', 'bob', 'docs', 'print', '--count', '5'])
    expect(rest).toMatchObject({ tasks: [{ id: 'p', claim: { worker: 'bob', token: 12 } }], seq: 12 })
    expect(rest['tasks']).toHaveLength(1)
    const log = workspace.text('events.jsonl')
    const none = await workspace.run(['claim', 'bob', 'docs', 'print', '--count', '5'])
    expect([none.status, answer(none)]).toMatchObject([3, { error: 'no_ready_task', full: ['docs'] }])
    expect(workspace.text('events.jsonl')).toBe(log)
  })

  test('succeeds only if the log ends at the expected seq', async () => {
    const workspace = await newWorkspace()
    await workspace.done(['add', '-'], ndjson({ kind: 'docs' }, { kind: 'docs' }))
    const log = workspace.text('events.jsonl')
    for (const expected of [2, 4]) {
      const refused = await workspace.run(['claim', 'ann', 'docs', '--expect-seq', String(expected)])
      const { hint, ...rest } = answer(refused)
      expect({ status: refused.status, ...rest }).toEqual({
        ...{ status: 6, ok: false, error: 'seq_conflict', message: `the log ends at seq 3, not at ${expected}` },
        ...{ expected_seq: expected, seq: 3 },
      })
      expect(hint).toContain('--expect-seq 3')
    }
    expect(workspace.text('events.jsonl')).toBe(log)
    expect(await workspace.done(['claim', 'ann', 'docs', '--expect-seq', '3'])).toMatchObject({
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
  await workspace.done(['add', '-'], ndjson(...tasks))
  await workspace.done(['claim', 'ann', '--task', 'lapsed', '--lease', '1ms'])
  await workspace.done(['claim', 'ann', '--task', 'failed'])
  await workspace.done(['fail', 'ann', 'failed', '--error', 'no\ndisk'])
  await workspace.done(['cancel', 'dropped'])
  await workspace.done(['hold', 'held'])
  await workspace.done(['claim', 'ann', 'docs', '--lease', 'none'])
  const ended = String(workspace.events()[7]?.['lease_until'])
  const lapse = `the lease ended at ${ended} and no attempts are left`
  const note = 'NOTE'.padEnd(lapse.length)
  expect((await workspace.run(['list'])).stdout).toBe(`TASK     KIND  STATUS     CLAIM        ${note}  TITLE
failed   docs  failed     -            no\\ndisk
lapsed   docs  failed     -            ${lapse}
dropped  docs  cancelled  -
held     docs  blocked    -            on hold
free     docs  ready      ann, no expiry
waits    docs  blocked    -            failed, dropped failed or cancelled
`)
  const { tasks: listed } = await workspace.done(['list', '--json', '--status', 'blocked'])
  expect(listed).toMatchObject([{ id: 'held' }, { id: 'waits', dead_needs: ['failed', 'dropped'] }])
  expect((await workspace.run(['list', '--status', 'failed'])).stdout).toBe(`TASK    KIND  STATUS  CLAIM  ${note}  TITLE
failed  docs  failed  -      no\\ndisk
lapsed  docs  failed  -      ${lapse}
`)
  expect((await workspace.run(['show', 'waits'])).stdout).toMatch(
    /^blocked by +failed, dropped \(failed or cancelled\)$/m,
  )
})
