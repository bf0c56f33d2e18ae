import { describe, expect, it } from 'vitest'
import type { Line } from './log-book.ts'
import { type LogPromise, logPromises, readAgainstPromises } from './log-promises.ts'

type Unnumbered = Omit<Line, 'seq'>

const time = (second: number): string => new Date(Date.UTC(2025, 0, 1, 12, 0, second)).toISOString()

const on = (second: number, event: string, task_id: string | undefined, more: Partial<Line> = {}): Unnumbered => ({
  event,
  time: time(second),
  ...(task_id === undefined ? {} : { task_id }),
  ...more,
})

/** A log that starts with `opened` (line 1; three attempts); `lines` follow from line 2. */
const logOf = (lines: ReadonlyArray<Unnumbered>): ReadonlyArray<Line> =>
  [on(0, 'opened', undefined, { max_attempts: 3 }), ...lines].map((line, i) => ({ seq: i + 1, ...line }))

const added = (task: string, more: Partial<Line> = {}) => on(0, 'added', task, { kind: 'docs', ...more })
const claimed = (second: number, worker: string, task: string, until: number | null, attempt = 1) =>
  on(second, 'claimed', task, { worker, attempt, lease_until: until === null ? null : time(until) })
const said = (second: number, event: string, worker: string, task: string, token: number, more: Partial<Line> = {}) =>
  on(second, event, task, { worker, token, ...more })
const failed = (second: number, worker: string, task: string, token: number, retryAt: number | null) =>
  said(second, 'failed', worker, task, token, { retry_at: retryAt === null ? null : time(retryAt) })
const ruled = (second: number, event: string, kind: string, more: Partial<Line> = {}) =>
  on(second, event, undefined, { kind, ...more })

type Row = readonly [what: string, ...lines: ReadonlyArray<Unnumbered>]

const named = ([what, ...lines]: Row) => ({ what, lines })

/** Logs whose last line breaks a promise, and only that one. */
const lies: { readonly [P in LogPromise]: ReadonlyArray<Row> } = {
  'a task is claimed only when no claim on it is live': [
    ['a claim before the lease has expired', added('a'), claimed(0, 'ann', 'a', 10), claimed(9, 'bob', 'a', 20, 2)],
    [
      'a claim of a task whose claim never expires',
      added('a'),
      claimed(0, 'ann', 'a', null),
      claimed(9, 'bob', 'a', 20, 2),
    ],
  ],
  'a claim is renewed, completed, failed and released by its holder, under its token': [
    [
      'a completion by the holder of an expired claim that another worker has replaced',
      added('a'),
      claimed(0, 'ann', 'a', 1),
      claimed(1, 'bob', 'a', 9, 2),
      said(2, 'completed', 'ann', 'a', 3),
    ],
    [
      'a renewal of the claim of another worker',
      added('a'),
      claimed(0, 'ann', 'a', 9),
      said(2, 'renewed', 'bob', 'a', 3),
    ],
    ['a failure of a task that is not claimed', added('a'), failed(2, 'ann', 'a', 2, 3)],
  ],
  'a live claim does not end because its task is put on hold or one of its dependencies is retried': [
    ['a task put on hold while it is claimed', added('a'), claimed(0, 'ann', 'a', 9), on(8, 'held', 'a')],
    [
      'a dependency retried while the task is claimed',
      added('a'),
      added('b', { needs: ['a'] }),
      claimed(0, 'ann', 'a', 9),
      said(1, 'completed', 'ann', 'a', 4),
      claimed(1, 'ann', 'b', 9),
      on(8, 'retried', 'a'),
    ],
  ],
  'a task is claimed and completed only while all its dependencies are done': [
    [
      'a claim while a dependency is open',
      added('a'),
      added('b', { kind: 'ci', needs: ['a'] }),
      claimed(1, 'ann', 'b', 9),
    ],
    [
      'a claim after a dependency was retried',
      added('a'),
      added('b', { kind: 'ci', needs: ['a'] }),
      claimed(0, 'ann', 'a', 9),
      said(1, 'completed', 'ann', 'a', 4),
      on(2, 'retried', 'a'),
      claimed(3, 'ann', 'b', 9),
    ],
  ],
  'a task never has more than max_attempts attempts': [
    ['one attempt too many', added('a', { max_attempts: 1 }), claimed(0, 'ann', 'a', 1), claimed(1, 'bob', 'a', 2, 2)],
    ['a skipped attempt number', added('a'), claimed(0, 'ann', 'a', 1, 2)],
    [
      'a released attempt that is counted',
      added('a'),
      claimed(0, 'ann', 'a', 9),
      said(1, 'released', 'ann', 'a', 3),
      claimed(2, 'ann', 'a', 9, 2),
    ],
    [
      'a retry after the last attempt',
      added('a', { max_attempts: 1 }),
      claimed(0, 'ann', 'a', 9),
      failed(1, 'ann', 'a', 3, 2),
    ],
    [
      'an amendment to fewer attempts than were made',
      added('a'),
      claimed(0, 'ann', 'a', 1),
      claimed(1, 'ann', 'a', 2, 2),
      on(2, 'amended', 'a', { max_attempts: 1 }),
    ],
  ],
  'a kind never gains a live claim beyond its limit': [
    [
      'one claim too many',
      ruled(0, 'limited', 'docs', { limit: 1 }),
      added('a'),
      added('b'),
      claimed(0, 'ann', 'a', 9),
      claimed(1, 'bob', 'b', 9),
    ],
    [
      'a claim renewed after another claim has filled the limit',
      ruled(0, 'limited', 'docs', { limit: 1 }),
      added('a'),
      added('b'),
      claimed(0, 'ann', 'a', 1),
      on(1, 'amended', 'b', { priority: 0 }),
      claimed(1, 'bob', 'b', 9),
      said(2, 'renewed', 'ann', 'a', 5, { lease_until: time(9) }),
    ],
  ],
  'no task is claimed that is finished, on hold or not due yet, or whose kind is paused': [
    [
      'a task that is done',
      added('a'),
      claimed(0, 'ann', 'a', 9),
      said(1, 'completed', 'ann', 'a', 3),
      claimed(2, 'ann', 'a', 9, 2),
    ],
    ['a task that is on hold', added('a'), on(0, 'held', 'a'), claimed(2, 'ann', 'a', 9)],
    ['a kind that is paused', added('a'), ruled(0, 'paused', 'docs'), claimed(2, 'ann', 'a', 9)],
    ['a task before its time', added('a', { not_before: time(3) }), claimed(2, 'ann', 'a', 9)],
    [
      'a task before its next attempt',
      added('a'),
      claimed(0, 'ann', 'a', 9),
      failed(1, 'ann', 'a', 3, 3),
      claimed(2, 'ann', 'a', 9, 2),
    ],
  ],
  'no task is claimed before a more urgent or older one of its kind': [
    ['a more urgent task', added('a'), added('b', { priority: 4 }), claimed(1, 'ann', 'a', 9)],
    ['an older task', added('a', { priority: 5 }), added('b'), claimed(1, 'ann', 'b', 9)],
    ['a task whose lease has expired', added('a'), added('b'), claimed(0, 'ann', 'a', 1), claimed(1, 'bob', 'b', 9)],
    [
      'a task that was made more urgent',
      added('a'),
      added('b'),
      on(1, 'amended', 'b', { priority: 0 }),
      claimed(1, 'ann', 'a', 9),
    ],
  ],
  'a request that is sent twice is decided once': [
    [
      'two claims of one request',
      added('a'),
      added('b'),
      { ...claimed(0, 'ann', 'a', 9), request_id: 'r' },
      { ...claimed(1, 'ann', 'b', 9), request_id: 'r' },
    ],
  ],
  'a decision of several events is complete, with one time and one request': [
    [
      'a completion without the claim that came with it',
      added('a'),
      claimed(0, 'ann', 'a', 9),
      said(1, 'completed', 'ann', 'a', 3, { more: true }),
    ],
    [
      'a completion followed by a line of another decision',
      added('a'),
      added('b'),
      claimed(0, 'ann', 'a', 9),
      said(1, 'completed', 'ann', 'a', 4, { more: true }),
      claimed(2, 'ann', 'b', 9),
    ],
    [
      'a claim that came with a completion, for another request',
      added('a'),
      added('b'),
      claimed(0, 'ann', 'a', 9),
      { ...said(1, 'completed', 'ann', 'a', 4, { more: true }), request_id: 'r' },
      { ...claimed(1, 'ann', 'b', 9), request_id: 's' },
    ],
  ],
}

const honest: ReadonlyArray<Row> = [
  ['a claim at the exact end of the lease', added('a'), claimed(0, 'ann', 'a', 9), claimed(9, 'bob', 'a', 20, 2)],
  [
    'a renewal and a completion after the lease has expired, while no other worker has claimed the task',
    added('a'),
    claimed(0, 'ann', 'a', 1),
    said(2, 'renewed', 'ann', 'a', 3, { lease_until: time(4) }),
    said(9, 'completed', 'ann', 'a', 3),
  ],
  [
    'attempts counted from 0 after a retry',
    added('a', { max_attempts: 1 }),
    claimed(0, 'ann', 'a', 9),
    failed(1, 'ann', 'a', 3, null),
    on(2, 'retried', 'a'),
    claimed(3, 'ann', 'a', 9),
  ],
  [
    'one more attempt after an amendment',
    added('a', { max_attempts: 1 }),
    claimed(0, 'ann', 'a', 1),
    on(2, 'amended', 'a', { max_attempts: 2 }),
    claimed(3, 'ann', 'a', 9, 2),
  ],
  [
    'a live claim renewed above a limit that was lowered',
    added('a'),
    added('b'),
    claimed(0, 'ann', 'a', 5),
    claimed(0, 'bob', 'b', 5),
    ruled(1, 'limited', 'docs', { limit: 1 }),
    said(2, 'renewed', 'ann', 'a', 4, { lease_until: time(9) }),
  ],
  [
    'a task claimed after tasks that are of another kind, on hold, not due, waiting, claimed or out of attempts',
    added('of another kind', { kind: 'ci', priority: 0 }),
    added('held'),
    added('not due', { not_before: time(9) }),
    added('waiting', { needs: ['held'] }),
    added('claimed'),
    added('tried too often', { max_attempts: 1 }),
    added('a'),
    on(0, 'held', 'held'),
    claimed(0, 'ann', 'claimed', 9),
    claimed(0, 'bob', 'tried too often', 1),
    claimed(1, 'cem', 'a', 9),
  ],
  [
    'several claims of one request in one decision',
    added('a'),
    added('b'),
    { ...claimed(0, 'ann', 'a', 9), request_id: 'r', more: true },
    { ...claimed(0, 'ann', 'b', 9), request_id: 'r' },
  ],
  [
    'a task that is completed and the next one claimed in one decision',
    added('a'),
    added('b', { needs: ['a'] }),
    claimed(0, 'ann', 'a', 9),
    said(1, 'completed', 'ann', 'a', 4, { more: true }),
    claimed(1, 'ann', 'b', 9),
  ],
]

describe.each(logPromises)('the promise that %s', promise => {
  it.each(lies[promise].map(named))('is broken by $what', ({ lines }) => {
    const log = logOf(lines)
    expect(readAgainstPromises(log).broken.map(({ promise: broken, seq }) => ({ broken, seq }))).toEqual([
      { broken: promise, seq: log.length },
    ])
  })
})

describe('no promise', () => {
  it.each(honest.map(named))('is broken by $what', ({ lines }) => {
    expect(readAgainstPromises(logOf(lines)).broken).toEqual([])
  })
})

describe('a log with something that the checker does not support', () => {
  it.each([
    ['an event', on(0, 'renamed', 'a')],
    ['an amended field', on(0, 'amended', 'a', { kind: 'ci' })],
  ])('is rejected: %s', (_what, line) => {
    expect(() => readAgainstPromises(logOf([added('a'), line]))).toThrow(/the checker does not support/)
  })
})
