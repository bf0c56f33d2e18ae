import { describe, expect, it } from 'vitest'
import {
  added,
  amended,
  at,
  claimed,
  completed,
  held,
  limited,
  noted,
  opened,
  paused,
  renewed,
  resumed,
  retried,
  buildState,
  time,
  type EventGroups,
} from '@claimlog/domain/testing'
import { diffView } from './diff.ts'

const fresh = at(0, opened(), added('t', 'docs'), added('u', 'ci'))

/** The difference between the states before and after `later`. */
const diff = (earlier: EventGroups, later: EventGroups) => {
  const { tasks, kinds } = diffView(buildState(...earlier), buildState(...earlier, ...later))
  return { tasks, kinds }
}

describe('the difference between two points in time', () => {
  it('has both points in time', () => {
    expect(diffView(buildState(fresh), buildState(fresh, at(3, noted('t', 'see page 3'))))).toEqual({
      from: { seq: 3, time: time(0) },
      to: { seq: 4, time: time(3) },
      tasks: [],
      kinds: [],
    })
  })

  it('is empty if nothing happened, or if it was undone', () => {
    const nothing = { tasks: [], kinds: [] }
    expect(diff([fresh], [])).toEqual(nothing)
    expect(diff([fresh], [at(1, paused('docs'), resumed('docs'))])).toEqual(nothing)
  })

  it('has an added task with all its fields', () => {
    expect(diff([fresh], [at(1, added('w', 'docs', { priority: 2, tags: ['a'] }))]).tasks).toEqual([
      {
        id: 'w',
        kind: 'docs',
        added: true,
        changes: [
          { field: 'kind', to: 'docs' },
          { field: 'status', to: 'ready' },
          { field: 'priority', to: 2 },
          { field: 'tags', to: ['a'] },
          { field: 'attempts', to: 0 },
        ],
      },
    ])
  })

  it('has each changed field with its old and new value, and tasks in the order they were added', () => {
    expect(diff([fresh], [at(1, held('u', 'ask'), amended('t', { kind: 'art', priority: 0 }))]).tasks).toEqual([
      {
        id: 't',
        kind: 'art',
        added: false,
        changes: [
          { field: 'kind', from: 'docs', to: 'art' },
          { field: 'priority', to: 0 },
        ],
      },
      {
        id: 'u',
        kind: 'ci',
        added: false,
        changes: [
          { field: 'status', from: 'ready', to: 'blocked' },
          { field: 'hold', to: { since: time(1), reason: 'ask' } },
        ],
      },
    ])
  })

  it('has a claim that was granted, renewed and ended', () => {
    const claim = { worker: 'ann', token: 4, attempt: 1, claimedAt: time(1), leaseUntil: time(16) }
    const leased = at(1, claimed('ann', 't', { until: 16 }))
    const renewal = at(9, renewed('ann', 't', 4, 24, { pages: 3 }))
    const done = at(10, completed('ann', 't', 4, 'ok'))
    const renewedClaim = { ...claim, leaseUntil: time(24), progress: { pages: 3 } }
    const listTaskChanges = (earlier: EventGroups, later: EventGroups) =>
      diff(earlier, later).tasks.map(({ changes }) => changes)
    expect(listTaskChanges([fresh], [leased])).toEqual([
      [
        { field: 'claim', to: claim },
        { field: 'attempts', from: 0, to: 1 },
      ],
    ])
    expect(listTaskChanges([fresh, leased], [renewal])).toEqual([[{ field: 'claim', from: claim, to: renewedClaim }]])
    expect(listTaskChanges([fresh, leased, renewal], [done])).toEqual([
      [
        { field: 'status', from: 'ready', to: 'done' },
        { field: 'claim', from: renewedClaim },
        { field: 'result', to: 'ok' },
      ],
    ])
    expect(listTaskChanges([fresh, leased, done], [at(11, retried('t'))])).toEqual([
      [
        { field: 'status', from: 'done', to: 'ready' },
        { field: 'result', from: 'ok' },
        { field: 'attempts', from: 1, to: 0 },
      ],
    ])
  })

  it('has a task that was unblocked by another, though no event names it', () => {
    const withNeeds = at(0, opened(), added('n', 'docs'), added('t', 'docs', { needs: ['n'] }), claimed('ann', 'n'))
    expect(
      diff([withNeeds], [at(1, completed('ann', 'n', 4))]).tasks.map(({ id, changes }) => [id, changes[0]]),
    ).toEqual([
      ['n', { field: 'status', from: 'ready', to: 'done' }],
      ['t', { field: 'status', from: 'blocked', to: 'ready' }],
    ])
  })

  it('has the changed rules of kinds, sorted by name', () => {
    expect(
      diff([fresh, at(1, limited('docs', 2))], [at(2, paused('docs', 'full disk'), limited('ci', 1))]).kinds,
    ).toEqual([
      { kind: 'ci', changes: [{ field: 'limit', to: 1 }] },
      { kind: 'docs', changes: [{ field: 'paused', to: { since: time(2), seq: 5, reason: 'full disk' } }] },
    ])
    expect(diff([fresh, at(1, limited('docs', 2))], [at(2, limited('docs', 3))]).kinds).toEqual([
      { kind: 'docs', changes: [{ field: 'limit', from: 2, to: 3 }] },
    ])
    expect(diff([fresh, at(1, limited('docs', 2))], [at(2, limited('docs', null))]).kinds).toEqual([
      { kind: 'docs', changes: [{ field: 'limit', from: 2 }] },
    ])
  })
})
