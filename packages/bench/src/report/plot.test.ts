import { expect, test } from 'vitest'
import type { Figure, PlotPoint } from './figure.ts'
import { computeAxis, logPosition } from './plot-scale.ts'
import { renderPlot } from './plot.ts'

test('an axis has three to six ticks at round numbers, the last at or above the largest value', () => {
  expect(computeAxis(40)).toEqual({ end: 40, ticks: [0, 10, 20, 30, 40] })
  expect(computeAxis(41)).toEqual({ end: 50, ticks: [0, 10, 20, 30, 40, 50] })
  expect(computeAxis(2.5)).toEqual({ end: 2.5, ticks: [0, 0.5, 1, 1.5, 2, 2.5] })
  for (let valueMax = 0.013; valueMax < 1e6; valueMax *= 1.7) {
    const { end, ticks } = computeAxis(valueMax)
    expect(end).toBeGreaterThanOrEqual(valueMax)
    expect(ticks.length).toBeGreaterThanOrEqual(3)
    expect(ticks.length).toBeLessThanOrEqual(6)
  }
})

test('on a logarithmic axis, equal factors are equally far apart', () => {
  expect(logPosition(1000, 1000, 1_000_000)).toBe(0)
  expect(logPosition(100_000, 1000, 1_000_000)).toBeCloseTo(2 / 3)
  expect(logPosition(1_000_000, 1000, 1_000_000)).toBe(1)
  expect(logPosition(5, 5, 5)).toBe(0.5)
})

const createCost = (panel: PlotPoint['panel'], series: PlotPoint['series'], tasks: number, value: number): Figure => ({
  what: 'a claim',
  amount: { value, unit: panel === 'library' ? 'µs' : 'ms' },
  point: { panel, series, tasks },
})

test('every size of every series is a point with its figure as title', () => {
  const figures = (['library', 'command line'] as const).flatMap(panel =>
    (['ready', 'done'] as const).flatMap(series =>
      [1000, 100_000, 1_000_000].map(tasks => createCost(panel, series, tasks, 30 + tasks / 1e5)),
    ),
  )
  const svg = renderPlot(figures) ?? ''
  expect(svg.match(/<circle/g)).toHaveLength(12)
  expect(svg.match(/<polyline/g)).toHaveLength(4)
  expect(svg).toContain('<title>1,000,000 nearly all done: 40.0 ms</title>')
  expect(svg).not.toMatch(/NaN|undefined|Infinity/)
})

test('without figures for both panels there is no plot', () => {
  expect(renderPlot([createCost('library', 'ready', 1000, 30)])).toBeUndefined()
})
