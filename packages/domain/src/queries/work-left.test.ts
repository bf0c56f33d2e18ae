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
  stateOf,
  time,
} from '../../testing/decider-specification.ts'
import { type WorkLeft, workLeft } from './work-left.ts'

type Moments = ReadonlyArray<ReturnType<typeof at>>

const leftAt = (minutes: number, kinds: ReadonlyArray<string>, ...moments: Moments): WorkLeft =>
  workLeft(stateOf(...moments), kinds, time(minutes))

const nothing = { pending: 0, blocked: 0, nextAt: undefined }
const fresh = at(0, opened(), added('s', 'docs', { maxAttempts: 1 }), added('u', 'ci', { needs: ['s'] }))
const taken = at(1, claimed('ann', 's', { until: 16 }))

describe('the work left', () => {
  it('is none if there are no tasks, or none of the kind', () => {
    expect(leftAt(1, [], at(0, opened()))).toEqual(nothing)
    expect(leftAt(1, ['mail'], fresh)).toEqual(nothing)
  })

  it('is what can be claimed, is claimed or will be due, and what depends on those', () => {
    expect(leftAt(1, [], fresh)).toEqual({ pending: 1, blocked: 1, nextAt: undefined })
    expect(leftAt(1, [], fresh, taken)).toEqual({ pending: 1, blocked: 1, nextAt: time(16) })
    const later = at(2, added('w', 'docs', { notBefore: time(60) }))
    expect(leftAt(2, ['docs'], fresh, taken, later)).toMatchObject({ pending: 2 })
  })

  it('counts tasks that depend on work of another kind', () => {
    expect(leftAt(1, ['ci'], fresh)).toEqual({ pending: 0, blocked: 1, nextAt: undefined })
    const done = at(2, completed('ann', 's', 4))
    expect(leftAt(2, ['ci'], fresh, taken, done)).toEqual({ pending: 1, blocked: 0, nextAt: undefined })
  })

  it('does not count tasks that only a person can unblock', () => {
    const dead = at(2, failed('ann', 's', 4, 'no', null))
    expect(leftAt(2, [], fresh, taken, dead)).toEqual(nothing)
    expect(leftAt(2, ['ci'], fresh, at(1, cancelled('s')))).toEqual(nothing)
    expect(leftAt(2, [], fresh, at(1, held('s')))).toEqual(nothing)
  })

  it('counts the tasks of a paused kind: they will be done once it is resumed', () => {
    expect(leftAt(2, ['docs'], fresh, at(1, paused('docs')))).toMatchObject({ pending: 1 })
  })

  it('does not count a task whose last lease has expired, and returns the time when it will', () => {
    expect(leftAt(15, ['docs'], fresh, taken)).toEqual({ pending: 1, blocked: 0, nextAt: time(16) })
    expect(leftAt(16, [], fresh, taken)).toEqual(nothing)
  })
})
