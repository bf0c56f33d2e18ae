import fastStringTruncatedWidth from 'fast-string-truncated-width'
import { describe, expect, it } from 'vitest'
import type { LaneView } from '@claimlog/wire'
import { describeLaneEnd } from './lane-end.ts'
import { renderLanes } from './lanes.ts'

const minuteMs = 60_000
const noonMs = Date.parse('2025-01-01T12:00:00.000Z')
const time = (minutes: number): string => new Date(noonMs + minutes * minuteMs).toISOString()

/** A lane from one minute after noon to another. */
const createLane = (name: LaneView['lane'], from: number, to: number, more: Partial<LaneView> = {}): LaneView => ({
  lane: name,
  from: time(from),
  ms: (to - from) * minuteMs,
  ...more,
})

const expiredLanes: ReadonlyArray<LaneView> = [
  createLane('waiting', 0, 2, { end: 'claimed', endedBy: 'ann' }),
  createLane('running', 2, 17, { attempt: 1, worker: 'ann', token: 3, end: 'lapsed', takenOverBy: 'bob' }),
  createLane('retrying', 17, 30, { end: 'claimed', endedBy: 'bob' }),
  createLane('running', 30, 31, { attempt: 2, worker: 'bob', token: 4, end: 'released', endReason: 'lunch' }),
  createLane('waiting', 31, 32, { end: 'held', endedBy: 'eve' }),
  createLane('held', 32, 40, { by: 'eve', reason: 'legal' }),
]

/** The output on a terminal of this width, infinite for a pipe, without colours. */
const renderLines = (columns: number, lanes: ReadonlyArray<LaneView>): ReadonlyArray<string> => {
  return renderLanes(lanes, columns)
    .replaceAll(/\u001b\[\d+m/g, '')
    .trimEnd()
    .split('\n')
}

describe('the chart of lanes', () => {
  it('has one bar per lane on a common time axis, distinct without colours, and how each ended', () => {
    expect(renderLines(120, expiredLanes)).toEqual([
      'LANE       WHO  STARTED       TOOK                                            ENDED',
      'waiting         12:00:00.000  2m    ░░',
      'attempt 1  ann  12:02:00.000  15m     ███████████████                         lease expired, taken over by bob',
      'retrying        12:17:00.000  13m                    ▒▒▒▒▒▒▒▒▒▒▒▒▒',
      'attempt 2  bob  12:30:00.000  1m                                  █           released: lunch',
      'waiting         12:31:00.000  1m                                   ░',
      'on hold    eve  12:32:00.000  8m                                    ┄┄┄┄┄┄┄┄  legal; on hold now',
    ])
  })

  it('is not cut without a terminal, and its bars are as wide as 80 columns allow', () => {
    const [, , attempt] = renderLines(Number.POSITIVE_INFINITY, expiredLanes)
    expect(attempt).toBe('attempt 1  ann  12:02:00.000  15m    ████████             lease expired, taken over by bob')
  })

  it('fits a terminal of 60 columns or more: the bars are dropped first, then texts are cut', () => {
    expect(renderLines(80, expiredLanes)[2]).toBe(
      'attempt 1  ann  12:02:00.000  15m    ████████             lease expired, taken …',
    )
    expect(renderLines(60, expiredLanes)[2]).toBe('attempt 1  ann  12:02:00.000  15m   lease expired, taken ov…')
    const [waits, ...others] = expiredLanes
    const long = {
      worker: '検証者'.repeat(60),
      error: 'no disk '.repeat(99),
      end: 'failed',
      attempt: 1_000_000,
    } as const
    const overDays = [waits, ...others, createLane('running', 4000, 40_000, long)].filter(row => row !== undefined)
    for (let columns = 60; columns < 140; columns += 1)
      for (const line of [...renderLines(columns, expiredLanes), ...renderLines(columns, overDays)])
        expect({ columns, line, fits: fastStringTruncatedWidth(line).width <= columns }).toEqual({
          columns,
          line,
          fits: true,
        })
  })

  it('has one cell for a lane without duration, and the date if there are several days', () => {
    const shortLanes = [
      createLane('running', 0, 0, { attempt: 1, worker: 'ann', end: 'failed', error: 'no\ndisk' }),
      createLane('retrying', 0, 3000, { retryAt: time(3060) }),
      createLane('waiting', 3000, 3000),
    ]
    expect(renderLines(120, shortLanes)).toEqual([
      'LANE       WHO  STARTED         TOOK                                             ENDED',
      'attempt 1  ann  01-01 12:00:00  0 ms   █                                         failed: no\\ndisk',
      'retrying        01-01 12:00:00  2d 2h  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒  next attempt at 15:00:00',
      'waiting         01-03 14:00:00  0 ms                                          ░  waiting now',
    ])
  })
})

describe('the end of a lane', () => {
  it.each([
    [
      'running now, at {"pages":3}',
      createLane('running', 0, 1, { progress: [{ time: time(1), progress: { pages: 3 } }] }),
    ],
    ['waiting now', createLane('retrying', 0, 2, { retryAt: time(2) })],
    ['lease expired, claimed again', createLane('running', 0, 1, { worker: 'ann', end: 'lapsed', takenOverBy: 'ann' })],
    ['lease expired', createLane('running', 0, 1, { worker: 'ann', end: 'lapsed' })],
    ['renewed late by ann', createLane('retrying', 0, 1, { end: 'renewed', endedBy: 'ann' })],
    ['completed late by ann', createLane('retrying', 0, 1, { end: 'completed', endedBy: 'ann' })],
    ['failed late by ann: no', createLane('retrying', 0, 1, { end: 'failed', endedBy: 'ann', error: 'no' })],
    ['failed: the lease expired', createLane('retrying', 0, 1, { end: 'failed', error: 'the lease expired' })],
    [
      'released late by ann: home',
      createLane('retrying', 0, 1, { end: 'released', endedBy: 'ann', endReason: 'home' }),
    ],
    ['cancelled by eve: old', createLane('running', 0, 1, { end: 'cancelled', endedBy: 'eve', endReason: 'old' })],
    [
      'legal; hold removed by eve: asked',
      createLane('held', 0, 1, { reason: 'legal', end: 'unheld', endedBy: 'eve', endReason: 'asked' }),
    ],
    ['retried: again; waiting now', createLane('waiting', 0, 1, { reason: 'again' })],
    ['retried: again', createLane('waiting', 0, 1, { reason: 'again', end: 'claimed', endedBy: 'ann' })],
  ])('%s', (words, lane) => {
    expect(describeLaneEnd(lane)).toBe(words)
  })
})
