import type { TargetName } from './targets.ts'

/** `×` is a ratio; `MiB` memory; `%` of one core. */
export type FigureUnit = '/s' | 'ms' | 'µs' | 'MiB' | '×' | '%'

/** A number and what it counts. */
export type Amount = { readonly value: number; readonly unit: FigureUnit }

/** A point in the plot: a workspace of `tasks` tasks, nearly all of them `ready` or `done`. */
export type PlotPoint = {
  readonly panel: 'library' | 'command line'
  readonly series: 'ready' | 'done'
  readonly tasks: number
}

/** A measured figure and its baseline. */
export type Figure = {
  readonly what: string
  readonly amount: Amount
  /** The baseline, measured in alternation with the figure. */
  readonly baseline?: { readonly what: string; readonly amount: Amount }
  /** The figure divided by its baseline: the median of the ratios of all pairs. */
  readonly ratio?: number
  /** The targets that this figure is judged by. */
  readonly targets?: ReadonlyArray<TargetName>
  /** Its position in the plot of cost against size. */
  readonly point?: PlotPoint
  /** Raw measurements, for the JSON report. */
  readonly data?: Readonly<Record<string, unknown>>
}

/** The figures of one scenario, and remarks on how they were measured. */
export type ReportSection = {
  readonly name: string
  readonly title: string
  readonly figures: ReadonlyArray<Figure>
  readonly remarks: ReadonlyArray<string>
}
