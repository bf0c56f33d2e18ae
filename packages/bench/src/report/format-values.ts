import type { Amount } from './figure.ts'

/** Formats a number for people: grouped by thousands, or with three digits if it is small. */
export const formatNumber = (value: number): string => {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '–'
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)
}

/** `30,000/s`, `1.50 ms`, `1.20 ×` */
export const formatAmount = ({ value, unit }: Amount): string =>
  unit === '/s' ? `${formatNumber(value)}/s` : `${formatNumber(value)} ${unit}`

/** `1.80 ×` */
export const formatRatio = (ratio: number): string =>
  Number.isFinite(ratio) ? `${ratio.toFixed(2)} ×` : formatNumber(ratio)

/** `1 process`, `8 processes` */
export const formatProcessCount = (count: number): string => `${count} ${count === 1 ? 'process' : 'processes'}`
