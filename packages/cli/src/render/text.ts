import fastStringTruncatedWidth from 'fast-string-truncated-width'
import { beginningOf, printable } from '@claimlog/client/unstable-internals'

/** How many columns of a terminal a text takes, wide characters counted as two. */
export const widthOf = (text: string): number => fastStringTruncatedWidth(text).width

/** A text that takes at most `width` columns; where it was longer it ends in `…`. */
export const cut = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text
  return `${text.slice(0, fastStringTruncatedWidth(text, { limit: width, ellipsis: '…', ellipsisWidth: 1 }).index)}…`
}

/** As much as a line of a person's reading holds; the whole is there with `--json`. */
const most = 120
const mostNames = 20

/** Text for a place among others: the end of what is longer is left out. */
export const shortened = (text: string): string => (text.length > most ? `${beginningOf(text, most)}…` : text)

/** Names separated by commas; of a great many the first, and how many more there are. */
export const shortList = (names: ReadonlyArray<string>): string =>
  names.length <= mostNames
    ? names.join(', ')
    : `${names.slice(0, mostNames).join(', ')} and ${names.length - mostNames} more`

/** Since when a task or a kind is put aside, by whom and why: `since 2026-01-31T09:00:00.000Z by ann: the site is down`. */
export const asideWords = ({
  since,
  by,
  reason,
}: {
  readonly since: string
  readonly by?: string
  readonly reason?: string
}): string => `since ${since}${by === undefined ? '' : ` by ${printable(by)}`}${reason ? `: ${printable(reason)}` : ''}`

/** Small letters of which every two are one token, digits, and all else. */
const runs = /[a-il-pr-wy]+|[0-9]+|[^a-il-pr-wy0-9]+/g

/**
 * A number of tokens that `text` does not come to more than, found without a vocabulary. A token is at least a byte. The
 * vocabulary o200k has every pair of small letters, but for some with j, k, q, x or z, so that of three letters two are one
 * token, and it has every three digits.
 */
export const tokensAtMost = (text: string): number => {
  let most = 0
  for (const [run] of text.matchAll(runs)) {
    const [first = ''] = run
    if (first >= '0' && first <= '9') most += Math.ceil(run.length / 3)
    else if (/[a-il-pr-wy]/.test(first)) most += Math.ceil((run.length * 2) / 3)
    else most += Buffer.byteLength(run)
  }
  return most
}
