import type { MetricFamily, MetricSample } from '@claimlog/wire'

/** The labels and the value of a sample. */
type LabelledValue = readonly [labels: MetricSample['labels'], value: number]

/** A metric that only grows. */
export const counter = (name: string, help: string, values: ReadonlyArray<LabelledValue>): MetricFamily => ({
  name,
  type: 'counter',
  help,
  samples: values.map(([labels, value]) => ({ name: `${name}_total`, labels, value })),
})

/** A metric with a current value. */
export const gauge = (
  name: string,
  help: string,
  values: ReadonlyArray<LabelledValue>,
  unit?: MetricFamily['unit'],
): MetricFamily => ({
  name,
  type: 'gauge',
  ...(unit === undefined ? {} : { unit }),
  help,
  samples: values.map(([labels, value]) => ({ name, labels, value })),
})
