import { expect, test } from 'vitest'
import type { Figure } from './figure.ts'
import type { TargetName } from './targets.ts'
import { judgeSections } from './verdict.ts'

const judgeFigure = (name: TargetName, figure: Partial<Figure>) => {
  const whole: Figure = { what: 'a figure', amount: { value: 1, unit: '/s' }, targets: [name], ...figure }
  const section = { name: 's', title: 'S', figures: [whole], remarks: [] }
  const matchingVerdict = judgeSections([section]).find(verdict => verdict.name === name)
  return { outcome: matchingVerdict?.outcome, missedBy: matchingVerdict?.missedBy }
}

test('a ratio equal to the goal meets the goal', () => {
  expect(judgeFigure('unsynced-1', { ratio: 2.2 })).toEqual({ outcome: 'goal met', missedBy: undefined })
})

test('between threshold and goal, the goal is missed by a share of the goal', () => {
  expect(judgeFigure('unsynced-1', { ratio: 1.65 })).toEqual({
    outcome: 'threshold met',
    missedBy: expect.closeTo(0.25) as number,
  })
})

test('below the threshold, the threshold is missed', () => {
  expect(judgeFigure('unsynced-1', { ratio: 1.2 })).toEqual({
    outcome: 'missed',
    missedBy: expect.closeTo(0.2) as number,
  })
})

test('a cost meets its threshold if it is at or below it', () => {
  expect(judgeFigure('cli-1k', { ratio: 1.4 }).outcome).toBe('goal met')
  expect(judgeFigure('cli-1k', { ratio: 1.55 }).outcome).toBe('threshold met')
  expect(judgeFigure('cli-1k', { ratio: 3.1 })).toEqual({ outcome: 'missed', missedBy: expect.closeTo(1) as number })
})

test('some targets judge the figure itself, and some have only a threshold or only a goal', () => {
  expect(judgeFigure('in-flight', { amount: { value: 60_000, unit: '/s' }, ratio: 0 }).outcome).toBe('goal met')
  expect(judgeFigure('replay-rate', { amount: { value: 600_000, unit: '/s' } }).outcome).toBe('threshold met')
  expect(judgeFigure('replay-share', { ratio: 0.4 })).toEqual({
    outcome: 'missed',
    missedBy: expect.closeTo(0.2) as number,
  })
})

test('infinite unfairness misses its target, and a figure without a baseline is not measured', () => {
  expect(judgeFigure('fairness-synced', { amount: { value: Infinity, unit: '×' } }).outcome).toBe('missed')
  expect(judgeFigure('unsynced-1', { ratio: Number.NaN }).outcome).toBe('not measured')
  expect(judgeFigure('unsynced-1', {}).outcome).toBe('not measured')
})
