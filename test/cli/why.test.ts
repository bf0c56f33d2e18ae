import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseOutput, claimlogPath, run, temporaryDirectory } from '../support/claimlog-process.ts'
import { type CliWorkspace, formatDocument, ndjson, newWorkspace, cliWorkspace } from '../support/cli-workspace.ts'

/** So long that the remaining time is formatted the same during a test. */
const longLease = '3650d'
const longLeaseMs = 3650 * 86_400_000

const addMs = (time: string, ms: number): string => new Date(Date.parse(time) + ms).toISOString()

/** A guard as JSON, and as text. */
type ExpectedGuard = {
  readonly data: Readonly<Record<string, unknown>>
  readonly message: string
  readonly hint: string
}

const expectGuard = (data: Readonly<Record<string, unknown>>, message: string, hint: string): ExpectedGuard => ({
  data,
  message,
  hint,
})

/** Creates tasks with every guard; the comments have the seq of each event. */
const createGuardedTasks = async ({ runOk }: CliWorkspace): Promise<void> => {
  await runOk(['init'])
  const needs = ['free', 'taken', 'broken', 'dropped', 'stuck']
  const tasks = [
    ...['free', 'taken', 'broken', 'dropped'].map(task_id => ({ kind: 'docs', task_id })), // 2 to 5
    { kind: 'docs', task_id: 'stuck', needs: ['free'] }, // 6
    { kind: 'docs', task_id: 'many', needs }, // 7
    { kind: 'docs', task_id: 'finished' }, // 8
    { kind: 'once', task_id: 'lapsed', max_attempts: 1 }, // 9
    { kind: 'long', task_id: 'endless' }, // 10
    ...['tired', 'waits'].map(task_id => ({ kind: 'night', task_id })), // 11, 12
    { kind: 'printing', task_id: 'shut' }, // 13
    ...['first', 'second'].map(task_id => ({ kind: 'narrow', task_id })), // 14, 15
  ]
  await runOk(['add', '-'], ndjson(...tasks))
  for (const words of [
    ['claim', 'ann', '--task', 'taken', '--lease', longLease], // 16
    ['claim', 'ann', '--task', 'broken'],
    ['fail', 'ann', 'broken', '--error', 'no disk', '--no-retry'], // 18
    ['cancel', 'dropped', '--reason', 'not now'], // 19
    ['claim', 'ann', '--task', 'finished'],
    ['complete', 'ann', 'finished'], // 21
    ['claim', 'bob', '--task', 'lapsed', '--lease', '1ms'], // 22
    ['claim', 'bob', '--task', 'endless', '--lease', 'none'], // 23
    ['claim', 'ann', '--task', 'tired'],
    ['fail', 'ann', 'tired', '--retry-in', longLease], // 25
    ['amend', 'waits', '--in', longLease], // 26
    ['pause', 'printing', '--reason', 'no paper', '--by', 'eve'], // 27
    ['limit', 'narrow', '1'], // 28
    ['claim', 'ann', 'narrow', '--lease', longLease], // 29
    ['hold', 'many', '--reason', 'legal', '--by', 'eve'], // 30
    ['amend', 'many', '--kind', 'printing', '--in', longLease], // 31
  ])
    await runOk(words)
}

type TimeOfSeq = (seq: number) => string
type GuardCase = readonly [
  task: string,
  kind: string,
  status: string,
  guards: (eventTime: TimeOfSeq) => ReadonlyArray<ExpectedGuard>,
]

const needGuard = (
  eventTime: TimeOfSeq,
  seq: number,
  id: string,
  status: string,
  words: string,
  hint: string,
): ExpectedGuard => {
  const dead = status === 'failed' || status === 'cancelled'
  const clearedBy = dead
    ? [{ event: 'retried', task_id: id }, amendedEvent('many')]
    : [{ event: 'completed', task_id: id }]
  const worker = id === 'taken' ? { worker: 'ann' } : {}
  const data = { guard: 'need', seq, since: eventTime(seq), need: id, status, ...worker, cleared_by: clearedBy }
  return expectGuard(data, `depends on ${id}, which ${words} (seq ${seq})`, hint)
}

const amendedEvent = (task: string): object => ({ event: 'amended', task_id: task })

const finishedGuard = (eventTime: TimeOfSeq, seq: number, task: string, more: object, message: string): ExpectedGuard =>
  expectGuard(
    { guard: 'finished', seq, since: eventTime(seq), ...more, cleared_by: [{ event: 'retried', task_id: task }] },
    message,
    `claimlog retry ${task} makes it ready again`,
  )

const claimedGuard = (eventTime: TimeOfSeq, seq: number, task: string): ExpectedGuard => {
  const until = addMs(eventTime(seq), longLeaseMs)
  const claimFields = { worker: 'ann', token: seq, until }
  const clearedBy = [{ at: until }, { event: 'released', task_id: task }]
  return expectGuard(
    { guard: 'claimed', seq, since: eventTime(seq), ...claimFields, cleared_by: clearedBy },
    `claimed by ann with token ${seq}; the lease expires in 3649d 23h (seq ${seq})`,
    'wait until it expires, or for ann to complete, fail or release it',
  )
}

const notDueGuard = (
  dueField: string,
  eventTime: TimeOfSeq,
  seq: number,
  task: string,
  until: string,
  message: string,
): ExpectedGuard =>
  expectGuard(
    {
      guard: 'not_due',
      seq,
      since: eventTime(seq),
      waits_for: dueField,
      until,
      cleared_by: [{ at: until }, amendedEvent(task)],
    },
    message,
    `wait, or claimlog amend ${task} --at now`,
  )

const pausedGuard = (eventTime: TimeOfSeq): ExpectedGuard => {
  const rule = { kind: 'printing', reason: 'no paper', by: 'eve' }
  return expectGuard(
    { guard: 'paused', seq: 27, since: eventTime(27), ...rule, cleared_by: [{ event: 'resumed', kind: 'printing' }] },
    'kind printing was paused by eve (seq 27): no paper',
    'claimlog resume printing allows claims again',
  )
}

const fullGuard = (eventTime: TimeOfSeq): ExpectedGuard => {
  const until = addMs(eventTime(29), longLeaseMs)
  const clearedBy = [{ at: until }, { event: 'limited', kind: 'narrow' }]
  return expectGuard(
    { guard: 'full', seq: 28, since: eventTime(28), kind: 'narrow', limit: 1, until, cleared_by: clearedBy },
    'kind narrow is at its limit of 1 (seq 28); a claim expires in 3649d 23h at the latest',
    'wait until one of its claims ends, or claimlog limit narrow 2',
  )
}

const guardCases: ReadonlyArray<GuardCase> = [
  ['taken', 'docs', 'ready', eventTime => [claimedGuard(eventTime, 16, 'taken')]],
  [
    'broken',
    'docs',
    'failed',
    eventTime => [
      finishedGuard(
        eventTime,
        18,
        'broken',
        { status: 'failed', worker: 'ann', reason: 'no disk' },
        'failed by ann (seq 18): no disk',
      ),
    ],
  ],
  [
    'dropped',
    'docs',
    'cancelled',
    eventTime => [
      finishedGuard(
        eventTime,
        19,
        'dropped',
        { status: 'cancelled', reason: 'not now' },
        'cancelled (seq 19): not now',
      ),
    ],
  ],
  [
    'finished',
    'docs',
    'done',
    eventTime => [finishedGuard(eventTime, 21, 'finished', { status: 'done', worker: 'ann' }, 'done by ann (seq 21)')],
  ],
  [
    'lapsed',
    'once',
    'ready',
    eventTime => [
      expectGuard(
        { guard: 'attempts', seq: 22, since: eventTime(22), attempts: 1, cleared_by: [amendedEvent('lapsed')] },
        'no attempts left: its only one was claimed at seq 22, and the lease has expired',
        'the next claim of its kind records it as failed; claimlog amend lapsed --max-attempts 2 allows another',
      ),
    ],
  ],
  [
    'endless',
    'long',
    'ready',
    eventTime => {
      const claimFields = { worker: 'bob', token: 23, until: null }
      const cleared_by = [{ event: 'released', task_id: 'endless' }]
      return [
        expectGuard(
          { guard: 'claimed', seq: 23, since: eventTime(23), ...claimFields, cleared_by },
          'claimed by bob with token 23; the lease does not expire (seq 23)',
          'wait for bob to complete, fail or release it',
        ),
      ]
    },
  ],
  [
    'tired',
    'night',
    'ready',
    eventTime => {
      const until = addMs(eventTime(25), longLeaseMs)
      return [notDueGuard('retry', eventTime, 25, 'tired', until, `failed, retry in 3649d 23h, at ${until} (seq 25)`)]
    },
  ],
  ['shut', 'printing', 'ready', eventTime => [pausedGuard(eventTime)]],
  ['first', 'narrow', 'ready', eventTime => [claimedGuard(eventTime, 29, 'first'), fullGuard(eventTime)]],
  ['second', 'narrow', 'ready', eventTime => [fullGuard(eventTime)]],
]

describe('why lists each guard since its event, and what would clear it:', () => {
  let root: string
  let workspace: CliWorkspace
  const eventTime: TimeOfSeq = seq => workspace.readEvents()[seq - 1]?.time ?? ''

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'claimlog-why-'))
    workspace = cliWorkspace(root)
    await createGuardedTasks(workspace)
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  const expectGuards = async ([task, kind, status, listGuards]: GuardCase): Promise<void> => {
    const [text, json] = await Promise.all([workspace.run(['why', task]), workspace.run(['why', task, '--json'])])
    const guards = listGuards(eventTime)
    expect({ ...json, stdout: parseOutput(json) }).toEqual({
      status: 0,
      stdout: {
        ...{ task_id: task, kind, status, claimable: false },
        guards: guards.map(({ data, message, hint }) => ({ ...data, message, hint })),
        seq: 31,
      },
      stderr: '',
    })
    const paragraphs = guards.map(({ message, hint }) => `  ${message}\n    ${hint}\n`)
    expect(text).toEqual({ status: 0, stdout: `${task}  ${kind}  ${status}\n\n${paragraphs.join('')}`, stderr: '' })
  }

  test.concurrent.for(guardCases)('the one or two guards of %s (%s, %s)', row => expectGuards(row))

  test('the time from which a task can be claimed, since the event that set it', async () => {
    const until = /"not_before":"([^"]+)"/g
    const [waits = '', many = ''] = [...workspace.readText('events.jsonl').matchAll(until)].map(([, time]) => time)
    const words = (time: string, seq: number) => `not claimable before ${time}, in 3649d 23h (seq ${seq})`
    await expectGuards([
      'waits',
      'night',
      'ready',
      eventTime => [notDueGuard('not_before', eventTime, 26, 'waits', waits, words(waits, 26))],
    ])
    const dead = (id: string) =>
      `retry it: claimlog retry ${id}; or remove the dependencies: claimlog amend many --no-needs`
    const hold = { reason: 'legal', by: 'eve', cleared_by: [{ event: 'unheld', task_id: 'many' }] }
    await expectGuards([
      'many',
      'printing',
      'blocked',
      eventTime => [
        expectGuard(
          { guard: 'held', seq: 30, since: eventTime(30), ...hold },
          'put on hold by eve (seq 30): legal',
          'claimlog unhold many makes it claimable again',
        ),
        needGuard(eventTime, 2, 'free', 'ready', 'is ready', 'claimlog why free shows whether it can be claimed'),
        needGuard(eventTime, 16, 'taken', 'ready', 'is claimed by ann', 'wait until it is done'),
        needGuard(eventTime, 18, 'broken', 'failed', 'failed', dead('broken')),
        needGuard(eventTime, 19, 'dropped', 'cancelled', 'was cancelled', dead('dropped')),
        needGuard(eventTime, 6, 'stuck', 'blocked', 'is blocked itself', 'claimlog why stuck shows what blocks it'),
        notDueGuard('not_before', eventTime, 31, 'many', many, words(many, 31)),
        pausedGuard(eventTime),
      ],
    ])
  })

  test('no guard, so the task can be claimed', async () => {
    expect(await workspace.run(['why', 'free'])).toEqual({
      status: 0,
      stdout: 'free  docs  ready\n\n  can be claimed; next of its kind\n',
      stderr: '',
    })
  })
})

test('why counts the claimable tasks that are ahead, in the order of claim', async () => {
  const workspace = await newWorkspace()
  const urgent = { kind: 'docs', task_id: 'urgent', priority: 0 }
  const tasks = ['a', 'b', 'c'].map(task_id => ({ kind: 'docs', task_id }))
  await workspace.runOk(['add', '-'], ndjson({ kind: 'other' }, ...tasks, urgent))
  const expectedPositions: ReadonlyArray<readonly [string, number, string]> = [
    ['urgent', 0, 'next of its kind'],
    ['a', 1, '1 docs task is ahead of it'],
    ['b', 2, '2 docs tasks are ahead of it'],
    ['c', 3, '3 docs tasks are ahead of it'],
  ]
  const expectPositions = async (seq: number): Promise<void> => {
    for (const [task_id, ahead, words] of expectedPositions) {
      const [text, json] = await Promise.all([
        workspace.run(['why', task_id]),
        workspace.runOk(['why', task_id, '--json']),
      ])
      expect(json).toEqual({ task_id, kind: 'docs', status: 'ready', claimable: true, ahead, guards: [], seq })
      expect(text.stdout).toBe(`${task_id}  docs  ready\n\n  can be claimed; ${words}\n`)
    }
  }
  await expectPositions(6)
  // A limit with free slots restricts the number of claims, not their order.
  await workspace.runOk(['limit', 'docs', '1'])
  await expectPositions(7)
  await workspace.runOk(['limit', 'docs', 'none'])
  const { tasks: claimedTasks } = await workspace.runOk(['claim', 'w', 'docs', '--count', '4'])
  expect(claimedTasks).toMatchObject(expectedPositions.map(([id]) => ({ id })))
})

/** A directory for the PATH with the built `claimlog` in it. */
const programDirectory = (): string => {
  const dir = temporaryDirectory()
  symlinkSync(claimlogPath, join(dir, 'claimlog'))
  return dir
}

type QuotedNames = readonly [id: string, kind: string, shellId: string, shellKind: string]

test.for<QuotedNames>([
  ["it's;$(id)`id`", 'k&1', "'it'\\''s;$(id)`id`'", "'k&1'"],
  ['-x', '-k', '-- -x', '-- -k'],
])('a command in why for %s of the kind %s can be pasted, and clears its guard', async row => {
  const [id, kind, shellId, shellKind] = row
  const workspace = await newWorkspace()
  const env = { PATH: `${programDirectory()}${delimiter}${process.env['PATH'] ?? ''}` }
  const readGuards = async (): Promise<ReadonlyArray<{ guard: string; hint: string }>> =>
    (await workspace.runOk(['why', '--json', '--', id]))['guards'] as ReadonlyArray<{ guard: string; hint: string }>
  /** Runs the command in the first hint: it must clear this guard, and no other. */
  const paste = async (guard: string, command: string): Promise<void> => {
    const [first, ...others] = await readGuards()
    expect(first).toMatchObject({ guard, hint: expect.stringContaining(command) as unknown })
    const pasted = await run('sh', ['-c', command], { cwd: workspace.cwd, env })
    expect({ command, ...pasted }).toMatchObject({ command, status: 0, stderr: '' })
    expect((await readGuards()).map(remaining => remaining.guard)).toEqual(others.map(other => other.guard))
  }
  const amend = (flag: string): string =>
    id.startsWith('-') ? `claimlog amend ${flag} ${shellId}` : `claimlog amend ${shellId} ${flag}`

  const task = { kind, task_id: id, needs: ['dead'], max_attempts: 1, not_before: '2999-01-01T00:00:00.000Z' }
  await workspace.runOk(['add', '-'], ndjson({ kind: 'other', task_id: 'dead' }, { kind }, task))
  await workspace.runOk(['cancel', 'dead'])
  await workspace.runOk(['hold', '--', id])
  await workspace.runOk(['pause', '--', kind])
  await paste('held', `claimlog unhold ${shellId}`)
  await paste('need', amend('--no-needs'))
  await paste('not_due', amend('--at now'))
  await paste('paused', `claimlog resume ${shellKind}`)

  await workspace.runOk(['claim', 'ann', '--lease', '1h', '--', kind])
  await workspace.runOk(['limit', '--', kind, '1'])
  await paste('full', `claimlog limit ${shellKind} 2`)

  await workspace.runOk(['claim', `--task=${id}`, '--lease', '1ms', 'bob'])
  await paste('attempts', amend('--max-attempts 2'))
  await workspace.runOk(['claim', `--task=${id}`, 'bob'])
  await workspace.runOk(['complete', '--', 'bob', id])
  await paste('finished', `claimlog retry ${shellId}`)
  expect(await workspace.runOk(['claim', `--task=${id}`, 'eve'])).toMatchObject({ ok: true, task: { id } })
})

test('no_ready_task lists the reasons per kind, and the first tasks with all their guards', async () => {
  const workspace = await newWorkspace()
  const due = '2999-01-01T00:00:00.000Z'
  const tasks = [
    { kind: 'docs', task_id: 'taken' },
    { kind: 'docs', task_id: 'waits', not_before: due },
    { kind: 'docs', task_id: 'stuck', needs: ['taken'] },
    { kind: 'print', task_id: 'page' },
    { kind: 'narrow', task_id: 'first' },
    { kind: 'narrow', task_id: 'second' },
  ]
  await workspace.runOk(['add', '-'], ndjson(...tasks))
  await workspace.runOk(['pause', 'print', '--reason', 'no paper'])
  await workspace.runOk(['limit', 'narrow', '1'])
  await workspace.runOk(['claim', 'ann', 'narrow', '--lease', 'none'])
  await workspace.runOk(['claim', 'ann', 'docs', '--lease', '1h'])
  const eventTime: TimeOfSeq = seq => workspace.readEvents()[seq - 1]?.time ?? ''
  const until = addMs(eventTime(11), 3_600_000)
  const claimGuard = { guard: 'claimed', seq: 11, since: eventTime(11), worker: 'ann', token: 11, until }
  const dueGuard = { guard: 'not_due', seq: 3, since: eventTime(3), waits_for: 'not_before', until: due }
  const neededGuard = { guard: 'need', seq: 11, since: eventTime(11), need: 'taken', status: 'ready', worker: 'ann' }
  const log = workspace.readText('events.jsonl')
  const none = await workspace.run(['claim', 'w', 'docs', 'print', 'narrow', 'nothing'])
  const stderr = 'claimlog: warning: there is no task of kind nothing: claimlog status lists the kinds\n'
  expect(none).toEqual({
    status: 3,
    stdout: formatDocument({
      ok: false,
      error: 'no_ready_task',
      message:
        'no docs or print or narrow or nothing task is ready; 2 are claimed, 1 is not due yet, 1 is blocked; paused: print; at the limit: narrow',
      hint: `the next task may be available at ${until}; try again then; claimlog why taken shows what blocks it`,
      kinds: ['docs', 'print', 'narrow', 'nothing'],
      paused: ['print'],
      full: ['narrow'],
      next_at: until,
      waiting: [
        { kind: 'docs', ready: 0, claimed: 1, due: 1, blocked: 1 },
        { kind: 'print', closed: 'paused', ready: 1, claimed: 0, due: 0, blocked: 0 },
        { kind: 'narrow', closed: 'full', ready: 1, claimed: 1, due: 0, blocked: 0 },
      ],
      tasks: [
        {
          task_id: 'taken',
          guards: [{ ...claimGuard, cleared_by: [{ at: until }, { event: 'released', task_id: 'taken' }] }],
        },
        { task_id: 'waits', guards: [{ ...dueGuard, cleared_by: [{ at: due }, amendedEvent('waits')] }] },
        { task_id: 'stuck', guards: [{ ...neededGuard, cleared_by: [{ event: 'completed', task_id: 'taken' }] }] },
      ],
    }),
    stderr,
  })
  expect(workspace.readText('events.jsonl')).toBe(log)
})
