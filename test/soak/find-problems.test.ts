import { describe, expect, it } from 'vitest'
import { parseJournal } from './journals.ts'
import type { SoakLogLine } from './log-reader.ts'
import { createTaskHistories } from './task-histories.ts'
import { findProblems } from './find-problems.ts'

type TestLine = Omit<SoakLogLine, 'seq' | 'time'> & { readonly seq?: number }

const added = (does: string, more: object = {}): TestLine => ({
  event: 'added',
  task_id: 't1',
  payload: { does },
  max_attempts: 2,
  ...more,
})
const claimed = (attempt: number): TestLine => ({ event: 'claimed', task_id: 't1', worker: 'w1', attempt })
const completed = (token: number, more: object = {}): TestLine => ({
  event: 'completed',
  task_id: 't1',
  token,
  ...more,
})
const failed = (token: number, error: string, retryAt: string | null = null): TestLine => ({
  ...{ event: 'failed', task_id: 't1', token, error, retry_at: retryAt },
})
const released = (token: number, reason: string): TestLine => ({ event: 'released', task_id: 't1', token, reason })
const expired = (token: number): TestLine =>
  failed(token, 'the lease expired at 2025-01-01T12:00:00.000Z and no attempts are left')
const begun = (token: number, attempt = 1): string => `begin t1 ${attempt} ${token} 4711\n`
const completeRun = (token: number, attempt = 1): string => `${begun(token, attempt)}end t1 ${token}\n`

/** The problems in a log whose first line after `opened` has the seq 2, and in journals by token. */
const checkLines = (
  lines: ReadonlyArray<TestLine>,
  journals: Readonly<Record<number, string>>,
): ReadonlyArray<string> => {
  const histories = createTaskHistories()
  histories.addLines(lines.map((line, i) => ({ time: '2025-01-01T12:00:00.000Z', ...line, seq: i + 2 })))
  return findProblems(
    histories,
    new Map(Object.entries(journals).map(([token, text]) => [Number(token), parseJournal(Number(token), text)])),
  )
}

describe('the soak test finds no problem in', () => {
  it('a task that was done in its second attempt because the first lease expired', () => {
    expect(
      checkLines([added('succeed'), claimed(1), claimed(2), completed(4)], { 3: completeRun(3), 4: completeRun(4, 2) }),
    ).toEqual([])
  })

  it('one that failed as expected', () => {
    const lines = [
      added('fail'),
      claimed(1),
      failed(3, 'exit 3: no disk', 'soon'),
      claimed(2),
      failed(5, 'exit 3: no disk'),
    ]
    expect(checkLines(lines, { 3: begun(3), 5: begun(5, 2) })).toEqual([])
  })

  it('one whose attempts all expired, or all but those that failed as expected', () => {
    expect(checkLines([added('succeed'), claimed(1), claimed(2), expired(4)], { 3: completeRun(3) })).toEqual([])
    expect(
      checkLines([added('fail'), claimed(1), failed(3, 'exit 3: no disk', 'soon'), claimed(2), expired(5)], {}),
    ).toEqual([])
  })

  it('one that was released, which uses no attempt', () => {
    const lines = [added('give-back'), claimed(1), released(3, 'not yet'), claimed(1), completed(5)]
    expect(checkLines(lines, { 3: begun(3), 5: completeRun(5) })).toEqual([])
  })
})

describe('the soak test notices', () => {
  it('that a success did not run to its end under its token', () => {
    expect(checkLines([added('succeed'), claimed(1), completed(3)], { 3: begun(3) })).toHaveLength(1)
    expect(checkLines([added('succeed'), claimed(1), claimed(2), completed(4)], { 3: completeRun(3) })).toHaveLength(1)
  })

  it('that a task was completed under a token that was not live, or twice', () => {
    const lines = [added('succeed'), claimed(1), claimed(2), completed(3), completed(4)]
    expect(checkLines(lines, { 3: completeRun(3), 4: completeRun(4, 2) }).join()).toMatch(/line 5: .*no live claim/)
    expect(checkLines([added('succeed'), claimed(1), completed(3), completed(3)], { 3: completeRun(3) })).toHaveLength(
      1,
    )
  })

  it('that a result belongs to another run', () => {
    const lines = [added('write'), claimed(1), claimed(2), completed(4, { result: { token: 3 } })]
    expect(checkLines(lines, { 3: completeRun(3), 4: completeRun(4, 2) })).toHaveLength(1)
  })

  it('that there were two runs under one token, or one without a claim', () => {
    const lines = [added('succeed'), claimed(1), completed(3)]
    expect(checkLines(lines, { 3: begun(3) + completeRun(3) })).toHaveLength(1)
    expect(checkLines(lines, { 3: completeRun(3), 7: begun(7) })).toHaveLength(1)
  })

  it('that a task did not end as expected, or not at all', () => {
    expect(checkLines([added('succeed')], {})).toHaveLength(1)
    expect(checkLines([added('fail'), claimed(1), completed(3)], { 3: completeRun(3) })).toHaveLength(1)
    expect(checkLines([added('succeed'), claimed(1), expired(3)], {})).toHaveLength(1)
    const lines = [added('succeed'), claimed(1), failed(3, 'killed by SIGKILL', 'soon'), claimed(2), completed(5)]
    expect(checkLines(lines, { 3: begun(3), 5: completeRun(5, 2) })).toHaveLength(1)
  })

  it('that a release was counted as an attempt, or that an attempt was not counted', () => {
    const linesWithRelease = [
      added('succeed'),
      claimed(1),
      released(3, 'the worker was stopped'),
      claimed(2),
      completed(5),
    ]
    expect(checkLines(linesWithRelease, { 5: completeRun(5, 2) })).toHaveLength(1)
    expect(checkLines([added('succeed'), claimed(1), claimed(1), completed(4)], { 4: completeRun(4) })).toHaveLength(1)
  })

  it('that a task is missing which another task should have added', () => {
    const lines = [added('add'), claimed(1), completed(3)]
    expect(checkLines(lines, { 3: completeRun(3) })).toHaveLength(1)
    const after = { task_id: 't2', key: 'after-t1' }
    const second = [
      { ...claimed(1), task_id: 't2' },
      { ...completed(6), task_id: 't2' },
    ]
    const runs = { 3: completeRun(3), 6: 'begin t2 1 6 4711\nend t2 6\n' }
    expect(checkLines([...lines, added('succeed', after), ...second], runs)).toEqual([])
  })
})
