import type { MetricFamily } from '@claimlog/wire'

/** Formats metrics as OpenMetrics 1.0 text: https://prometheus.io/docs/specs/om/open_metrics_spec. */
export const formatOpenMetrics = (families: ReadonlyArray<MetricFamily>): string =>
  `${families.map(formatFamily).join('')}# EOF\n`

const formatFamily = ({ name, type, unit, help, samples }: MetricFamily): string => {
  const head = `# TYPE ${name} ${type}\n${unit === undefined ? '' : `# UNIT ${name} ${unit}\n`}# HELP ${name} ${help}\n`
  return head + samples.map(sample => `${sample.name}${formatLabels(sample.labels)} ${sample.value}\n`).join('')
}

const formatLabels = (labels: Readonly<Record<string, string>>): string => {
  const pairs = Object.entries(labels)
  return pairs.length === 0 ? '' : `{${pairs.map(([name, value]) => `${name}="${escapeValue(value)}"`).join(',')}}`
}

const escapeValue = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
