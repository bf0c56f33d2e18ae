import fastStringTruncatedWidth from 'fast-string-truncated-width'
import { truncateText, toPrintable } from '@claimlog/client/unstable-internals'

/** The width of a text on a terminal, with wide characters counted as two. */
export const measureWidth = (text: string): number => fastStringTruncatedWidth(text).width

/** Cuts a text to `width` columns; a text that was cut ends in `…`. */
export const cutToWidth = (text: string, width: number): string => {
  if (measureWidth(text) <= width) return text
  return `${text.slice(0, fastStringTruncatedWidth(text, { limit: width, ellipsis: '…', ellipsisWidth: 1 }).index)}…`
}

/** The longest text that is comfortable on one line; `--json` has the whole. */
const textLengthMax = 120
const namesMax = 20

/** Cuts a long text for a table or a sentence. */
export const ellipsize = (text: string): string =>
  text.length > textLengthMax ? `${truncateText(text, textLengthMax)}…` : text

/** Names separated by commas; of many only the first, and the number of the rest. */
export const joinNames = (names: ReadonlyArray<string>): string =>
  names.length <= namesMax
    ? names.join(', ')
    : `${names.slice(0, namesMax).join(', ')} and ${names.length - namesMax} more`

/** The details of a hold or a pause: `since 2026-01-31T09:00:00.000Z by ann: the site is down`. */
export const formatHold = ({
  since,
  by,
  reason,
}: {
  readonly since: string
  readonly by?: string
  readonly reason?: string
}): string =>
  `since ${since}${by === undefined ? '' : ` by ${toPrintable(by)}`}${reason ? `: ${toPrintable(reason)}` : ''}`

/** Splits a text into runs of lower-case letters that form tokens in pairs, of digits, and of everything else. */
const tokenRuns = /[a-il-pr-wy]+|[0-9]+|[^a-il-pr-wy0-9]+/g

/**
 * An upper bound for the number of tokens in `text`, without a vocabulary. A token is at least one byte. The vocabulary o200k
 * has every pair of lower-case letters, except some with j, k, q, x or z, so that two of three letters form one token, and it
 * has every group of three digits.
 */
export const countTokensMax = (text: string): number => {
  let tokens = 0
  for (const [run] of text.matchAll(tokenRuns)) {
    const [first = ''] = run
    if (first >= '0' && first <= '9') tokens += Math.ceil(run.length / 3)
    else if (/[a-il-pr-wy]/.test(first)) tokens += Math.ceil((run.length * 2) / 3)
    else tokens += Buffer.byteLength(run)
  }
  return tokens
}
