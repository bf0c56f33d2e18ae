import { beginningOf, printableJson } from '@claimlog/client/unstable-internals'

/** How many bytes `value` takes as JSON in which every character can be seen. */
export const bytesOf = (value: unknown): number => (value === undefined ? 0 : Buffer.byteLength(printableJson(value)))

/** The first part of `text` that takes at most so many bytes as a JSON string, never half a character; all of it where it fits. */
export const startOf = (text: string, maxBytes: number): string => {
  let start = text.slice(0, maxBytes)
  for (let bytes = bytesOf(start); bytes > maxBytes && start !== ''; bytes = bytesOf(start))
    start = text.slice(0, Math.min(start.length - 1, Math.floor((start.length * maxBytes) / bytes)))
  return beginningOf(text, start.length)
}
