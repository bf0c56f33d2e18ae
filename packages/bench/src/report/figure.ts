import type { TargetName } from './targets.ts'

/** `×` is a ratio; `MiB` memory; `%` of one core. */
export type Unit = '/s' | 'ms' | 'µs' | 'MiB' | '×' | '%'

/** A number and what it counts. */
export type Amount = { readonly value: number; readonly unit: Unit }

/** A cost in a workspace of so many tasks, nearly all of which are `ready`, or `done`. */
export type Point = {
  readonly panel: 'library' | 'command line'
  readonly series: 'ready' | 'done'
  readonly tasks: number
}

/** One measured figure, and the one that it is held against. */
export type Figure = {
  readonly what: string
  readonly amount: Amount
  /** What stands beside it, measured in alternation with it. */
  readonly beside?: { readonly what: string; readonly amount: Amount }
  /** The figure over what stands beside it: the middle one of the ratios of all pairs. */
  readonly ratio?: number
  /** The rows of the table that it answers. */
  readonly targets?: ReadonlyArray<TargetName>
  /** Where it stands in the plot of cost against size. */
  readonly point?: Point
  /** What else was measured on the way, for the JSON report. */
  readonly data?: Readonly<Record<string, unknown>>
}

/** The figures of one scenario, and remarks on how they came about. */
export type Section = {
  readonly name: string
  readonly title: string
  readonly figures: ReadonlyArray<Figure>
  readonly remarks: ReadonlyArray<string>
}
