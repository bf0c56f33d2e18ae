import type { Family, Sample } from '@claimlog/wire'

/** The labels and the value of a sample. */
type Labelled = readonly [labels: Sample['labels'], value: number]

/** A metric that only grows. */
export const counter = (name: string, help: string, values: ReadonlyArray<Labelled>): Family => ({
  name,
  type: 'counter',
  help,
  samples: values.map(([labels, value]) => ({ name: `${name}_total`, labels, value })),
})

/** A metric with a current value. */
export const gauge = (name: string, help: string, values: ReadonlyArray<Labelled>, unit?: Family['unit']): Family => ({
  name,
  type: 'gauge',
  ...(unit === undefined ? {} : { unit }),
  help,
  samples: values.map(([labels, value]) => ({ name, labels, value })),
})
