import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  added,
  at,
  claim,
  claimed,
  claimById,
  failed,
  given,
  held,
  limited,
  minuteMs,
  opened,
  type UntimedCommand,
  paused,
  time,
} from '../../../testing/decider-specification.ts'

const claimSeveral = (count: number, ...kinds: ReadonlyArray<string>): UntimedCommand => {
  const input = { ...claim('ann', ...kinds), count }
  return input
}
const tasks = at(
  0,
  opened(),
  added('a', 'docs'),
  added('b', 'ci', { priority: 0 }),
  added('c', 'docs', { priority: 0 }),
  added('d', 'ci'),
  added('e', 'docs', { priority: 9 }),
)

describe('claiming several tasks at once', () => {
  it('claims as many as requested, the first in order across all kinds, in one decision', () => {
    given(tasks)
      .when(claimSeveral(3), 1)
      .then(
        at(
          1,
          claimed('ann', 'b', { until: 16 }),
          claimed('ann', 'c', { until: 16 }),
          claimed('ann', 'a', { until: 16 }),
        ),
      )
  })

  it('claims as many as there are', () => {
    given(tasks)
      .when(claimSeveral(1000, 'ci'), 1)
      .then(at(1, claimed('ann', 'b', { until: 16 }), claimed('ann', 'd', { until: 16 })))
  })

  it('returns the tasks in order and the seq of the last claim', () => {
    const { decided } = given(tasks).when(claimSeveral(2), 1)
    expect(E.isRight(decided) && { taskIds: decided.right.taskIds, seq: decided.right.seq }).toEqual({
      taskIds: ['b', 'c'],
      seq: 8,
    })
  })

  it('with a count of one is the same as without a count', () => {
    expect(given(tasks).when(claimSeveral(1), 1).decided).toEqual(given(tasks).when(claim('ann'), 1).decided)
  })

  it('is refused if there is none, like a claim of one', () => {
    given(tasks).when(claimSeveral(2, 'art'), 1).thenNoReadyTask(['art'])
    given(tasks, at(1, paused('docs'), paused('ci')))
      .when(claimSeveral(2), 1)
      .thenNoReadyTask([], { paused: ['ci', 'docs'] })
  })

  it('gives each the requested lease, else its own', () => {
    const withOwnLease = at(0, opened(), added('a', 'docs', { leaseMs: 2 * minuteMs }), added('b', 'docs'))
    given(withOwnLease)
      .when(claimSeveral(2), 1)
      .then(at(1, claimed('ann', 'a', { until: 3 }), claimed('ann', 'b', { until: 16 })))
    given(withOwnLease)
      .when({ ...claimSeveral(2), leaseMs: minuteMs } as UntimedCommand, 1)
      .then(at(1, claimed('ann', 'a', { until: 2 }), claimed('ann', 'b', { until: 2 })))
  })

  it('records the author with each', () => {
    const input: UntimedCommand = { ...claimSeveral(2, 'ci'), by: 'eve', requestId: 'r' }
    const metadata = { by: 'eve', requestId: 'r' }
    given(tasks)
      .when(input, 1)
      .then(
        at(
          1,
          { ...claimed('ann', 'b', { until: 16 }), ...metadata },
          { ...claimed('ann', 'd', { until: 16 }), ...metadata },
        ),
      )
  })

  it('skips tasks that are on hold, claimed or not due', () => {
    given(tasks, at(0, held('b'), claimed('bob', 'c'), added('f', 'docs', { notBefore: time(9) })))
      .when(claimSeveral(1000), 1)
      .then(
        at(
          1,
          claimed('ann', 'a', { until: 16 }),
          claimed('ann', 'd', { until: 16 }),
          claimed('ann', 'e', { until: 16 }),
        ),
      )
  })

  it('finds tasks with expired leases and tasks that have become due, in their order', () => {
    given(tasks, at(0, claimed('bob', 'c'), added('f', 'docs', { notBefore: time(15), priority: 1 })))
      .when(claimSeveral(3, 'docs'), 15)
      .then(
        at(15, claimed('ann', 'c', { attempt: 2, until: 30 }), claimed('ann', 'f', { until: 30 })),
        at(15, claimed('ann', 'a', { until: 30 })),
      )
  })
})

describe('the limit of a kind', () => {
  it('applies within one claim of several, and other kinds fill the rest', () => {
    given(tasks, at(0, limited('docs', 1)))
      .when(claimSeveral(1000), 1)
      .then(
        at(
          1,
          claimed('ann', 'b', { until: 16 }),
          claimed('ann', 'c', { until: 16 }),
          claimed('ann', 'd', { until: 16 }),
        ),
      )
  })

  it('counts tasks that are claimed already', () => {
    given(tasks, at(0, limited('docs', 2), claimed('bob', 'c')))
      .when(claimSeveral(1000, 'docs'), 1)
      .then(at(1, claimed('ann', 'a', { until: 16 })))
  })

  it('does not affect other kinds when it is reached', () => {
    given(tasks, at(0, limited('docs', 1), claimed('bob', 'c')))
      .when(claimSeveral(2), 1)
      .then(at(1, claimed('ann', 'b', { until: 16 }), claimed('ann', 'd', { until: 16 })))
  })
})

describe('expired claims with no attempts left', () => {
  it('are recorded before the claims, with the request id but without an author', () => {
    const expiryFailure = failed('bob', 'c', 7, `the lease expired at ${time(15)} and no attempts are left`)
    given(
      at(0, opened({ maxAttempts: 1 }), added('a', 'docs'), added('b', 'docs'), added('c', 'docs', { priority: 0 })),
      at(0, added('d', 'ci'), added('e', 'ci'), claimed('bob', 'c')),
    )
      .when({ ...claimSeveral(2, 'docs'), by: 'eve', requestId: 'r' }, 15)
      .then(
        at(15, { ...expiryFailure, requestId: 'r' }),
        at(15, { ...claimed('ann', 'a', { until: 30 }), by: 'eve', requestId: 'r' }),
        at(15, { ...claimed('ann', 'b', { until: 30 }), by: 'eve', requestId: 'r' }),
      )
  })
})

describe('a count', () => {
  it('cannot be combined with a task id', () => {
    given(tasks)
      .when({ ...claimById('ann', 'a'), count: 1 } as UntimedCommand, 1)
      .thenRefused({ error: 'bad_input', detail: 'count cannot be combined with a task id' })
  })

  it('is from 1 to 1000', () => {
    for (const count of [0, 1001, 1.5])
      given(tasks)
        .when(claimSeveral(count), 1)
        .thenRefused({
          error: 'bad_input',
          detail: [{ field: 'count', problem: 'must be a whole number from 1 to 1000' }],
        })
  })
})
