import type { Family, Sample } from '@claimlog/wire'

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
