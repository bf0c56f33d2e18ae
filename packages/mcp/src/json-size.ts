import { truncateText, toPrintableJson } from '@claimlog/client/unstable-internals'

/** The number of bytes of `value` as JSON with all control characters escaped. */
export const jsonBytes = (value: unknown): number =>
  value === undefined ? 0 : Buffer.byteLength(toPrintableJson(value))

/** Truncates `text` to `bytesMax` as a JSON string, not within a character. */
export const truncateToBytes = (text: string, bytesMax: number): string => {
  let start = text.slice(0, bytesMax)
  for (let bytes = jsonBytes(start); bytes > bytesMax && start !== ''; bytes = jsonBytes(start))
    start = text.slice(0, Math.min(start.length - 1, Math.floor((start.length * bytesMax) / bytes)))
  return truncateText(text, start.length)
}
