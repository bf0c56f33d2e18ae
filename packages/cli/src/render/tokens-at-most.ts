/** Runs of small letters, runs of digits, and all else. */
const runs = /[a-z]+|[0-9]+|[^a-z0-9]+/g

/**
 * A number of tokens that `text` does not come to more than, found without a vocabulary. A token is at least a byte. The
 * vocabularies of the common models know every pair of small letters, so that of three letters two are one token, and
 * every run of three digits.
 */
export const tokensAtMost = (text: string): number => {
  let most = 0
  for (const [run] of text.matchAll(runs)) {
    const first = run.charCodeAt(0)
    if (first >= 97 && first <= 122) most += Math.ceil((run.length * 2) / 3)
    else if (first >= 48 && first <= 57) most += Math.ceil(run.length / 3)
    else most += Buffer.byteLength(run)
  }
  return most
}
