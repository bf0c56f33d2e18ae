/**
 * Reads the first bitmap in `bytes`, in git's format (EWAH, see gitformat-bitmap(5)), and returns a test for set bits.
 * Empty bytes are a bitmap without a bit.
 */
export const readEwahBitmap = (bytes: Buffer): ((bit: number) => boolean) => {
  if (bytes.length < 8) return () => false
  const words = Math.min(bytes.readUInt32BE(4), Math.floor((bytes.length - 8) / 8))
  const readWord = (n: number): bigint => bytes.readBigUInt64BE(8 + n * 8)
  return bit => {
    let first = 0
    for (let n = 0; n < words;) {
      const run = readWord(n)
      const runBits = Number((run >> 1n) & 0xffffffffn) * 64
      const literals = Number(run >> 33n)
      if (bit < first + runBits) return (run & 1n) === 1n
      first += runBits
      const literal = Math.floor((bit - first) / 64)
      if (literal < literals) return ((readWord(n + 1 + literal) >> BigInt((bit - first) % 64)) & 1n) === 1n
      first += literals * 64
      n += 1 + literals
    }
    return false
  }
}
