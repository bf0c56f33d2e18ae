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
