import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  added,
  amended,
  at,
  cancelled,
  claimed,
  completed,
  failed,
  opened,
  buildState,
  time,
  type EventGroups,
} from '@claimlog/domain/testing'
import type { WaitProgress } from '../documents/wait-progress.ts'
import { waitProgress } from './wait-progress.ts'

const getProgress = (minutes: number, taskIds: ReadonlyArray<string>, ...groups: EventGroups): WaitProgress => {
  const awaited = waitProgress(buildState(...groups), taskIds, time(minutes))
  if (E.isLeft(awaited)) throw new Error(awaited.left.error)
  return awaited.right
}

const fresh = at(0, opened(), added('s', 'docs', { maxAttempts: 1 }), added('t', 'docs'), added('u', 'ci'))

describe('waiting for tasks', () => {
  it('returns the current tasks in the given order, and those that are not finished', () => {
    const done = at(2, claimed('ann', 't', { until: 17 }), completed('ann', 't', 5))
    const { tasks, open, stuck, nextAt, seq } = getProgress(3, ['u', 't'], fresh, done)
    expect(tasks.map(({ id, status }) => [id, status])).toEqual([
      ['u', 'ready'],
      ['t', 'done'],
    ])
    expect({ open, stuck, nextAt, seq }).toEqual({ open: ['u'], stuck: [], nextAt: undefined, seq: 6 })
  })

  it('continues after a failed attempt if another is left', () => {
    const once = at(2, claimed('ann', 't', { until: 17 }), failed('ann', 't', 5, 'no', time(3)))
    expect(getProgress(3, ['t'], fresh, once)).toMatchObject({ open: ['t'], tasks: [{ id: 't', status: 'ready' }] })
  })

  it('reports a task as failed as soon as its last lease expires, before an event records it', () => {
    const last = at(1, claimed('ann', 's', { until: 16 }))
    expect(getProgress(15, ['s'], fresh, last)).toMatchObject({ open: ['s'], nextAt: time(16) })
    const expired = getProgress(16, ['s'], fresh, last)
    expect(expired).toMatchObject({ open: [], nextAt: undefined, tasks: [{ id: 's', status: 'failed' }] })
    expect(expired.tasks[0]?.error).toBe(`the lease expired at ${time(16)} and no attempts are left`)
  })

  it('reports tasks that are blocked by failed or cancelled dependencies', () => {
    const withNeeds = at(1, amended('u', { needs: ['t'] }))
    expect(getProgress(2, ['u'], fresh, withNeeds).stuck).toEqual([])
    expect(getProgress(2, ['u'], fresh, withNeeds, at(2, cancelled('t'))).stuck).toEqual([
      { taskId: 'u', deadNeeds: ['t'] },
    ])
  })

  it('is refused for an unknown task', () => {
    expect(waitProgress(buildState(fresh), ['t', 'w'], time(1))).toEqual(E.left({ error: 'unknown_task', taskId: 'w' }))
  })
})
