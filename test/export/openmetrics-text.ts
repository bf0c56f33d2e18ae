/** A line with a value. */
type OpenMetricsSample = {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** A family of metrics with its samples. */
export type OpenMetricsFamily = {
  readonly name: string
  readonly type: string
  readonly unit?: string
  readonly help?: string
  readonly samples: ReadonlyArray<OpenMetricsSample>
}

const metricName = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const label = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"`
const sampleLine = new RegExp(
  String.raw`^(${metricName})(?:\{((?:${label})(?:,${label})*)\})? (-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)$`,
)
const descriptor = new RegExp(String.raw`^# (TYPE|UNIT|HELP) (${metricName}) ([^\n]+)$`)

/** The suffixes of the samples of a family, by its type. */
const endings: Readonly<Record<string, ReadonlyArray<string>>> = {
  counter: ['_total'],
  gauge: [''],
  histogram: ['_bucket', '_count', '_sum'],
}

const unescapes: Readonly<Record<string, string>> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' }

const parseLabels = (text: string): Readonly<Record<string, string>> => {
  const pairs = [...text.matchAll(new RegExp(label, 'g'))].map(([pair]): readonly [string, string] => {
    const equalsIndex = pair.indexOf('=')
    return [
      pair.slice(0, equalsIndex),
      pair.slice(equalsIndex + 2, -1).replace(/\\["\\n]/g, escape => unescapes[escape] ?? escape),
    ]
  })
  if (new Set(pairs.map(([name]) => name)).size < pairs.length) throw new Error(`a label twice: ${text}`)
  return Object.fromEntries(pairs)
}

/**
 * Parses OpenMetrics 1.0 text with counters, gauges and histograms without timestamps. Throws if a line is malformed or
 * a required line is missing. Written from the specification, because the JavaScript parsers know only the older
 * format.
 */
export const readOpenMetrics = (text: string): ReadonlyArray<OpenMetricsFamily> => {
  const lines = text.split('\n')
  if (lines.pop() !== '' || lines.pop() !== '# EOF')
    throw new Error('the text does not end with # EOF and a line break')
  const families: Array<{
    name: string
    type: string
    unit?: string
    help?: string
    samples: Array<OpenMetricsSample>
  }> = []
  for (const line of lines) {
    const [, word, name = '', value = ''] = descriptor.exec(line) ?? []
    if (word === 'TYPE') {
      if (families.some(family => family.name === name)) throw new Error(`${name} appears twice`)
      families.push({ name, type: value, samples: [] })
      continue
    }
    const family = families.at(-1)
    if (family === undefined) throw new Error(`no family before: ${line}`)
    if (word !== undefined) {
      if (name !== family.name || family.samples.length > 0) throw new Error(`out of place: ${line}`)
      if (word === 'UNIT' && !name.endsWith(`_${value}`))
        throw new Error(`the name does not end with the unit: ${line}`)
      family[word === 'UNIT' ? 'unit' : 'help'] = value
      continue
    }
    family.samples.push(parseSample(line, family.name, family.type))
  }
  for (const { type, samples } of families) if (type === 'histogram') checkBuckets(samples)
  return families
}

const parseSample = (line: string, family: string, type: string): OpenMetricsSample => {
  const [, name = '', labels = '', value = ''] = sampleLine.exec(line) ?? []
  if (!(endings[type] ?? []).some(ending => name === family + ending))
    throw new Error(`not a sample of a ${type}: ${line}`)
  return { name, labels: parseLabels(labels), value: Number(value) }
}

const checkBuckets = (samples: ReadonlyArray<OpenMetricsSample>): void => {
  let last = { le: Number.NEGATIVE_INFINITY, value: 0 }
  for (const { name, labels, value } of samples) {
    if (name.endsWith('_bucket')) {
      const le = labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le'])
      if (!/^(\d+\.\d+|\+Inf)$/.test(labels['le'] ?? '')) throw new Error(`the bound ${labels['le']}`)
      if (le <= last.le || value < last.value) throw new Error('buckets decrease')
      last = { le, value }
    }
    if (name.endsWith('_count') && (last.le !== Number.POSITIVE_INFINITY || last.value !== value))
      throw new Error('the count differs from the last bucket')
    if (name.endsWith('_sum')) last = { le: Number.NEGATIVE_INFINITY, value: 0 }
  }
}
