import type { Amount } from './figure.ts'

/** Formats a number for people: grouped by thousands, or with three digits if it is small. */
export const plain = (value: number): string => {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '–'
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)
}

/** `30,000/s`, `1.50 ms`, `1.20 ×` */
export const amountText = ({ value, unit }: Amount): string =>
  unit === '/s' ? `${plain(value)}/s` : `${plain(value)} ${unit}`

/** `1.80 ×` */
export const times = (ratio: number): string => (Number.isFinite(ratio) ? `${ratio.toFixed(2)} ×` : plain(ratio))

/** `1 process`, `8 processes` */
export const processesText = (count: number): string => `${count} ${count === 1 ? 'process' : 'processes'}`
