/** One number of a family. */
export type Sample = {
  /** The family's, with what the number is of it: `_total`, `_bucket`. */
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Numbers that mean the same of different things, as OpenMetrics has them. */
export type Family = {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly unit?: 'seconds' | 'bytes'
  readonly help: string
  readonly samples: ReadonlyArray<Sample>
}

/** A number, and what of. */
type Labelled = readonly [labels: Sample['labels'], value: number]

/** What only ever grows. */
export const counter = (name: string, help: string, values: ReadonlyArray<Labelled>): Family => ({
  name,
  type: 'counter',
  help,
  samples: values.map(([labels, value]) => ({ name: `${name}_total`, labels, value })),
})

/** What stands at some number now. */
export const gauge = (name: string, help: string, values: ReadonlyArray<Labelled>, unit?: Family['unit']): Family => ({
  name,
  type: 'gauge',
  ...(unit === undefined ? {} : { unit }),
  help,
  samples: values.map(([labels, value]) => ({ name, labels, value })),
})
