import type { Figure, PlotPoint } from './figure.ts'
import { computeAxis, logPosition } from './plot-scale.ts'
import { formatNumber } from './format-values.ts'

const width = 820
const height = 330
const box = { left: 58, top: 62, width: 300, height: 206, gap: 108 }
const series = ['ready', 'done'] as const
const seriesLabels = { ready: 'all ready', done: 'nearly all done' } as const

type PlottedFigure = { readonly figure: Figure; readonly point: PlotPoint }

type PlotPanel = {
  readonly name: PlotPoint['panel']
  readonly title: string
  readonly unit: string
  readonly left: number
}

const panels: ReadonlyArray<PlotPanel> = [
  { name: 'library', title: 'Claim through the library, p50', unit: 'µs', left: box.left },
  {
    name: 'command line',
    title: 'claimlog claim, whole process',
    unit: 'ms',
    left: box.left + box.width + box.gap,
  },
]

const style = `
  text { font: 12px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #57606a }
  .title { font-size: 14px; font-weight: 600; fill: #1f2328 }
  .grid { stroke: #d0d7de; stroke-width: 1 }
  .bare { stroke: #57606a; stroke-width: 1.5; stroke-dasharray: 5 4 }
  .ready { stroke: #0969da; fill: #0969da } .done { stroke: #bc4c00; fill: #bc4c00 }
  polyline { fill: none !important; stroke-width: 2.5; stroke-linejoin: round }
  text.ready, text.done { stroke: none; font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    text { fill: #9198a1 } .title { fill: #f0f6fc } .grid { stroke: #3d444d } .bare { stroke: #9198a1 }
    .ready { stroke: #4493f8; fill: #4493f8 } .done { stroke: #f0883e; fill: #f0883e }
  }`

const formatCoordinate = (value: number): string => value.toFixed(1)

const formatTaskCount = (tasks: number): string =>
  tasks >= 1_000_000 ? `${tasks / 1_000_000} million` : `${(tasks / 1000).toLocaleString('en')} thousand`

const renderPanel = ({ title, unit, left }: PlotPanel, plotted: ReadonlyArray<PlottedFigure>): string => {
  const tasks = [...new Set(plotted.map(({ point }) => point.tasks))].sort((a, b) => a - b)
  const bareNodeCost = ({ figure }: PlottedFigure): number | undefined =>
    figure.baseline?.what === 'node -e 0' ? figure.baseline.amount.value : undefined
  const bareCost = plotted.map(bareNodeCost).find(value => value !== undefined)
  const { end, ticks } = computeAxis(Math.max(bareCost ?? 0, ...plotted.map(({ figure }) => figure.amount.value)))
  const x = (size: number): number =>
    left + box.width * (0.06 + 0.88 * logPosition(size, tasks[0] ?? 1, tasks.at(-1) ?? 1))
  const y = (value: number): number => box.top + box.height * (1 - value / end)
  const right = left + box.width
  const lines = series.map(name => {
    const seriesFigures = plotted
      .filter(({ point }) => point.series === name)
      .sort((a, b) => a.point.tasks - b.point.tasks)
    const positions = seriesFigures.map(({ figure, point }) => [x(point.tasks), y(figure.amount.value)] as const)
    return [
      `<polyline class="${name}" points="${positions.map(([cx, cy]) => `${formatCoordinate(cx)},${formatCoordinate(cy)}`).join(' ')}"/>`,
      ...positions.map(([cx, cy], i) => {
        const { figure, point } = seriesFigures[i] as PlottedFigure
        const label = `${formatNumber(point.tasks)} ${seriesLabels[name]}: ${formatNumber(figure.amount.value)} ${unit}`
        return `<circle class="${name}" cx="${formatCoordinate(cx)}" cy="${formatCoordinate(cy)}" r="4"><title>${label}</title></circle>`
      }),
    ].join('\n')
  })
  return [
    `<text class="title" x="${left}" y="${box.top - 34}">${title}</text>`,
    `<text x="${left}" y="${box.top - 12}">${unit}</text>`,
    ...series.map(
      (name, i) => `<text class="${name}" x="${left + 50 + i * 80}" y="${box.top - 12}">● ${seriesLabels[name]}</text>`,
    ),
    ...ticks.map(
      tick =>
        `<line class="grid" x1="${left}" x2="${right}" y1="${formatCoordinate(y(tick))}" y2="${formatCoordinate(y(tick))}"/>` +
        `<text x="${left - 8}" y="${formatCoordinate(y(tick) + 4)}" text-anchor="end">${tick.toLocaleString('en')}</text>`,
    ),
    ...tasks.map(
      size =>
        `<text x="${formatCoordinate(x(size))}" y="${box.top + box.height + 20}" text-anchor="middle">${formatTaskCount(size)}</text>`,
    ),
    `<text x="${left + box.width / 2}" y="${box.top + box.height + 42}" text-anchor="middle">tasks in the workspace</text>`,
    ...(bareCost === undefined
      ? []
      : [
          `<line class="bare" x1="${left}" x2="${right}" y1="${formatCoordinate(y(bareCost))}" y2="${formatCoordinate(y(bareCost))}"/>`,
          `<text x="${right}" y="${formatCoordinate(y(bareCost) - 6)}" text-anchor="end">node -e 0</text>`,
        ]),
    ...lines,
  ].join('\n')
}

/** The cost of a claim by the size of the workspace, as SVG; undefined if a panel would be empty. */
export const renderPlot = (figures: ReadonlyArray<Figure>): string | undefined => {
  const plotted = figures.flatMap(figure => (figure.point === undefined ? [] : [{ figure, point: figure.point }]))
  const figuresPerPanel = panels.map(panel => plotted.filter(({ point }) => point.panel === panel.name))
  if (figuresPerPanel.some(seriesFigures => seriesFigures.length === 0)) return undefined
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    '<title>Cost of a claim by number of tasks in the workspace</title>',
    `<style>${style}\n</style>`,
    ...panels.map((panel, i) => renderPanel(panel, figuresPerPanel[i] ?? [])),
    '</svg>\n',
  ].join('\n')
}
