import { describe, expect, it } from 'vitest'
import {
  added,
  at,
  cancelled,
  claimed,
  completed,
  failed,
  held,
  opened,
  paused,
  buildState,
  time,
  type EventGroups,
} from '../../testing/decider-specification.ts'
import { type WorkLeft, workLeft } from './work-left.ts'

const getWorkLeft = (minutes: number, kinds: ReadonlyArray<string>, ...groups: EventGroups): WorkLeft =>
  workLeft(buildState(...groups), kinds, time(minutes))

const noWork = { pending: 0, blocked: 0, nextAt: undefined }
const addEvents = at(0, opened(), added('s', 'docs', { maxAttempts: 1 }), added('u', 'ci', { needs: ['s'] }))
const claimEvents = at(1, claimed('ann', 's', { until: 16 }))

describe('the work left', () => {
  it('is none if there are no tasks, or none of the kind', () => {
    expect(getWorkLeft(1, [], at(0, opened()))).toEqual(noWork)
    expect(getWorkLeft(1, ['mail'], addEvents)).toEqual(noWork)
  })

  it('is what can be claimed, is claimed or will be due, and what depends on those', () => {
    expect(getWorkLeft(1, [], addEvents)).toEqual({ pending: 1, blocked: 1, nextAt: undefined })
    expect(getWorkLeft(1, [], addEvents, claimEvents)).toEqual({ pending: 1, blocked: 1, nextAt: time(16) })
    const later = at(2, added('w', 'docs', { notBefore: time(60) }))
    expect(getWorkLeft(2, ['docs'], addEvents, claimEvents, later)).toMatchObject({ pending: 2 })
  })

  it('counts tasks that depend on work of another kind', () => {
    expect(getWorkLeft(1, ['ci'], addEvents)).toEqual({ pending: 0, blocked: 1, nextAt: undefined })
    const done = at(2, completed('ann', 's', 4))
    expect(getWorkLeft(2, ['ci'], addEvents, claimEvents, done)).toEqual({ pending: 1, blocked: 0, nextAt: undefined })
  })

  it('does not count tasks that only a person can unblock', () => {
    const failEvents = at(2, failed('ann', 's', 4, 'no', null))
    expect(getWorkLeft(2, [], addEvents, claimEvents, failEvents)).toEqual(noWork)
    expect(getWorkLeft(2, ['ci'], addEvents, at(1, cancelled('s')))).toEqual(noWork)
    expect(getWorkLeft(2, [], addEvents, at(1, held('s')))).toEqual(noWork)
  })

  it('counts the tasks of a paused kind: they will be done once it is resumed', () => {
    expect(getWorkLeft(2, ['docs'], addEvents, at(1, paused('docs')))).toMatchObject({ pending: 1 })
  })

  it('does not count a task whose last lease has expired, and returns the time when it will', () => {
    expect(getWorkLeft(15, ['docs'], addEvents, claimEvents)).toEqual({ pending: 1, blocked: 0, nextAt: time(16) })
    expect(getWorkLeft(16, [], addEvents, claimEvents)).toEqual(noWork)
  })
})
