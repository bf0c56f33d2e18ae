import { describe, expect, it } from 'vitest'
import type { CheckedLine } from './log-model.ts'
import { type LogPromise, logPromises, checkPromises } from './log-promises.ts'

type LineWithoutSeq = Omit<CheckedLine, 'seq'>

const time = (second: number): string => new Date(Date.UTC(2025, 0, 1, 12, 0, second)).toISOString()

const eventLine = (
  second: number,
  event: string,
  task_id: string | undefined,
  more: Partial<CheckedLine> = {},
): LineWithoutSeq => ({
  event,
  time: time(second),
  ...(task_id === undefined ? {} : { task_id }),
  ...more,
})

/** A log that starts with `opened` (line 1; three attempts); `lines` follow from line 2. */
const buildLog = (lines: ReadonlyArray<LineWithoutSeq>): ReadonlyArray<CheckedLine> =>
  [eventLine(0, 'opened', undefined, { max_attempts: 3 }), ...lines].map((line, i) => ({ seq: i + 1, ...line }))

const addedLine = (task: string, more: Partial<CheckedLine> = {}) =>
  eventLine(0, 'added', task, { kind: 'docs', ...more })
const claimedLine = (second: number, worker: string, task: string, until: number | null, attempt = 1) =>
  eventLine(second, 'claimed', task, { worker, attempt, lease_until: until === null ? null : time(until) })
const holderLine = (
  second: number,
  event: string,
  worker: string,
  task: string,
  token: number,
  more: Partial<CheckedLine> = {},
) => eventLine(second, event, task, { worker, token, ...more })
const failedLine = (second: number, worker: string, task: string, token: number, retryAt: number | null) =>
  holderLine(second, 'failed', worker, task, token, { retry_at: retryAt === null ? null : time(retryAt) })
const ruleLine = (second: number, event: string, kind: string, more: Partial<CheckedLine> = {}) =>
  eventLine(second, event, undefined, { kind, ...more })

type PromiseExample = readonly [what: string, ...lines: ReadonlyArray<LineWithoutSeq>]

const toTestCase = ([what, ...lines]: PromiseExample) => ({ what, lines })

/** Logs whose last line breaks a promise, and only that one. */
const counterexamples: { readonly [P in LogPromise]: ReadonlyArray<PromiseExample> } = {
  'a task is claimed only when no claim on it is live': [
    [
      'a claim before the lease has expired',
      addedLine('a'),
      claimedLine(0, 'ann', 'a', 10),
      claimedLine(9, 'bob', 'a', 20, 2),
    ],
    [
      'a claim of a task whose claim never expires',
      addedLine('a'),
      claimedLine(0, 'ann', 'a', null),
      claimedLine(9, 'bob', 'a', 20, 2),
    ],
  ],
  'a claim is renewed, completed, failed and released by its holder, under its token': [
    [
      'a completion by the holder of an expired claim that another worker has replaced',
      addedLine('a'),
      claimedLine(0, 'ann', 'a', 1),
      claimedLine(1, 'bob', 'a', 9, 2),
      holderLine(2, 'completed', 'ann', 'a', 3),
    ],
    [
      'a renewal of the claim of another worker',
      addedLine('a'),
      claimedLine(0, 'ann', 'a', 9),
      holderLine(2, 'renewed', 'bob', 'a', 3),
    ],
    ['a failure of a task that is not claimed', addedLine('a'), failedLine(2, 'ann', 'a', 2, 3)],
  ],
  'a live claim does not end because its task is put on hold or one of its dependencies is retried': [
    [
      'a task put on hold while it is claimed',
      addedLine('a'),
      claimedLine(0, 'ann', 'a', 9),
      eventLine(8, 'held', 'a'),
    ],
    [
      'a dependency retried while the task is claimed',
      addedLine('a'),
      addedLine('b', { needs: ['a'] }),
      claimedLine(0, 'ann', 'a', 9),
      holderLine(1, 'completed', 'ann', 'a', 4),
      claimedLine(1, 'ann', 'b', 9),
      eventLine(8, 'retried', 'a'),
    ],
  ],
  'a task is claimed and completed only while all its dependencies are done': [
    [
      'a claim while a dependency is open',
      addedLine('a'),
      addedLine('b', { kind: 'ci', needs: ['a'] }),
      claimedLine(1, 'ann', 'b', 9),
    ],
    [
      'a claim after a dependency was retried',
      addedLine('a'),
      addedLine('b', { kind: 'ci', needs: ['a'] }),
      claimedLine(0, 'ann', 'a', 9),
      holderLine(1, 'completed', 'ann', 'a', 4),
      eventLine(2, 'retried', 'a'),
      claimedLine(3, 'ann', 'b', 9),
    ],
  ],
  'a task never has more than max_attempts attempts': [
    [
      'one attempt too many',
      addedLine('a', { max_attempts: 1 }),
      claimedLine(0, 'ann', 'a', 1),
      claimedLine(1, 'bob', 'a', 2, 2),
    ],
    ['a skipped attempt number', addedLine('a'), claimedLine(0, 'ann', 'a', 1, 2)],
    [
      'a released attempt that is counted',
      addedLine('a'),
      claimedLine(0, 'ann', 'a', 9),
      holderLine(1, 'released', 'ann', 'a', 3),
      claimedLine(2, 'ann', 'a', 9, 2),
    ],
    [
      'a retry after the last attempt',
      addedLine('a', { max_attempts: 1 }),
      claimedLine(0, 'ann', 'a', 9),
      failedLine(1, 'ann', 'a', 3, 2),
    ],
    [
      'an amendment to fewer attempts than were made',
      addedLine('a'),
      claimedLine(0, 'ann', 'a', 1),
      claimedLine(1, 'ann', 'a', 2, 2),
      eventLine(2, 'amended', 'a', { max_attempts: 1 }),
    ],
  ],
  'a kind never gains a live claim beyond its limit': [
    [
      'one claim too many',
      ruleLine(0, 'limited', 'docs', { limit: 1 }),
      addedLine('a'),
      addedLine('b'),
      claimedLine(0, 'ann', 'a', 9),
      claimedLine(1, 'bob', 'b', 9),
    ],
    [
      'a claim renewed after another claim has filled the limit',
      ruleLine(0, 'limited', 'docs', { limit: 1 }),
      addedLine('a'),
      addedLine('b'),
      claimedLine(0, 'ann', 'a', 1),
      eventLine(1, 'amended', 'b', { priority: 0 }),
      claimedLine(1, 'bob', 'b', 9),
      holderLine(2, 'renewed', 'ann', 'a', 5, { lease_until: time(9) }),
    ],
  ],
  'no task is claimed that is finished, on hold or not due yet, or whose kind is paused': [
    [
      'a task that is done',
      addedLine('a'),
      claimedLine(0, 'ann', 'a', 9),
      holderLine(1, 'completed', 'ann', 'a', 3),
      claimedLine(2, 'ann', 'a', 9, 2),
    ],
    ['a task that is on hold', addedLine('a'), eventLine(0, 'held', 'a'), claimedLine(2, 'ann', 'a', 9)],
    ['a kind that is paused', addedLine('a'), ruleLine(0, 'paused', 'docs'), claimedLine(2, 'ann', 'a', 9)],
    ['a task before its time', addedLine('a', { not_before: time(3) }), claimedLine(2, 'ann', 'a', 9)],
    [
      'a task before its next attempt',
      addedLine('a'),
      claimedLine(0, 'ann', 'a', 9),
      failedLine(1, 'ann', 'a', 3, 3),
      claimedLine(2, 'ann', 'a', 9, 2),
    ],
  ],
  'no task is claimed before a more urgent or older one of its kind': [
    ['a more urgent task', addedLine('a'), addedLine('b', { priority: 4 }), claimedLine(1, 'ann', 'a', 9)],
    ['an older task', addedLine('a', { priority: 5 }), addedLine('b'), claimedLine(1, 'ann', 'b', 9)],
    [
      'a task whose lease has expired',
      addedLine('a'),
      addedLine('b'),
      claimedLine(0, 'ann', 'a', 1),
      claimedLine(1, 'bob', 'b', 9),
    ],
    [
      'a task that was made more urgent',
      addedLine('a'),
      addedLine('b'),
      eventLine(1, 'amended', 'b', { priority: 0 }),
      claimedLine(1, 'ann', 'a', 9),
    ],
  ],
  'a request that is sent twice is decided once': [
    [
      'two claims of one request',
      addedLine('a'),
      addedLine('b'),
      { ...claimedLine(0, 'ann', 'a', 9), request_id: 'r' },
      { ...claimedLine(1, 'ann', 'b', 9), request_id: 'r' },
    ],
  ],
  'a decision of several events is complete, with one time and one request': [
    [
      'a completion without the claim that came with it',
      addedLine('a'),
      claimedLine(0, 'ann', 'a', 9),
      holderLine(1, 'completed', 'ann', 'a', 3, { more: true }),
    ],
    [
      'a completion followed by a line of another decision',
      addedLine('a'),
      addedLine('b'),
      claimedLine(0, 'ann', 'a', 9),
      holderLine(1, 'completed', 'ann', 'a', 4, { more: true }),
      claimedLine(2, 'ann', 'b', 9),
    ],
    [
      'a claim that came with a completion, for another request',
      addedLine('a'),
      addedLine('b'),
      claimedLine(0, 'ann', 'a', 9),
      { ...holderLine(1, 'completed', 'ann', 'a', 4, { more: true }), request_id: 'r' },
      { ...claimedLine(1, 'ann', 'b', 9), request_id: 's' },
    ],
  ],
}

const validExamples: ReadonlyArray<PromiseExample> = [
  [
    'a claim at the exact end of the lease',
    addedLine('a'),
    claimedLine(0, 'ann', 'a', 9),
    claimedLine(9, 'bob', 'a', 20, 2),
  ],
  [
    'a renewal and a completion after the lease has expired, while no other worker has claimed the task',
    addedLine('a'),
    claimedLine(0, 'ann', 'a', 1),
    holderLine(2, 'renewed', 'ann', 'a', 3, { lease_until: time(4) }),
    holderLine(9, 'completed', 'ann', 'a', 3),
  ],
  [
    'attempts counted from 0 after a retry',
    addedLine('a', { max_attempts: 1 }),
    claimedLine(0, 'ann', 'a', 9),
    failedLine(1, 'ann', 'a', 3, null),
    eventLine(2, 'retried', 'a'),
    claimedLine(3, 'ann', 'a', 9),
  ],
  [
    'one more attempt after an amendment',
    addedLine('a', { max_attempts: 1 }),
    claimedLine(0, 'ann', 'a', 1),
    eventLine(2, 'amended', 'a', { max_attempts: 2 }),
    claimedLine(3, 'ann', 'a', 9, 2),
  ],
  [
    'a live claim renewed above a limit that was lowered',
    addedLine('a'),
    addedLine('b'),
    claimedLine(0, 'ann', 'a', 5),
    claimedLine(0, 'bob', 'b', 5),
    ruleLine(1, 'limited', 'docs', { limit: 1 }),
    holderLine(2, 'renewed', 'ann', 'a', 4, { lease_until: time(9) }),
  ],
  [
    'a task claimed after tasks that are of another kind, on hold, not due, waiting, claimed or out of attempts',
    addedLine('of another kind', { kind: 'ci', priority: 0 }),
    addedLine('held'),
    addedLine('not due', { not_before: time(9) }),
    addedLine('waiting', { needs: ['held'] }),
    addedLine('claimed'),
    addedLine('tried too often', { max_attempts: 1 }),
    addedLine('a'),
    eventLine(0, 'held', 'held'),
    claimedLine(0, 'ann', 'claimed', 9),
    claimedLine(0, 'bob', 'tried too often', 1),
    claimedLine(1, 'cem', 'a', 9),
  ],
  [
    'several claims of one request in one decision',
    addedLine('a'),
    addedLine('b'),
    { ...claimedLine(0, 'ann', 'a', 9), request_id: 'r', more: true },
    { ...claimedLine(0, 'ann', 'b', 9), request_id: 'r' },
  ],
  [
    'a task that is completed and the next one claimed in one decision',
    addedLine('a'),
    addedLine('b', { needs: ['a'] }),
    claimedLine(0, 'ann', 'a', 9),
    holderLine(1, 'completed', 'ann', 'a', 4, { more: true }),
    claimedLine(1, 'ann', 'b', 9),
  ],
]

describe.each(logPromises)('the promise that %s', promise => {
  it.each(counterexamples[promise].map(toTestCase))('is broken by $what', ({ lines }) => {
    const log = buildLog(lines)
    expect(checkPromises(log).broken.map(({ promise: broken, seq }) => ({ broken, seq }))).toEqual([
      { broken: promise, seq: log.length },
    ])
  })
})

describe('no promise', () => {
  it.each(validExamples.map(toTestCase))('is broken by $what', ({ lines }) => {
    expect(checkPromises(buildLog(lines)).broken).toEqual([])
  })
})

describe('a log with something that the checker does not support', () => {
  it.each([
    ['an event', eventLine(0, 'renamed', 'a')],
    ['an amended field', eventLine(0, 'amended', 'a', { kind: 'ci' })],
  ])('is rejected: %s', (_what, line) => {
    expect(() => checkPromises(buildLog([addedLine('a'), line]))).toThrow(/the checker does not support/)
  })
})
