/** The primes of xxHash32, as signed 32-bit numbers. */
const [p1, p2, p3, p4] = [0x9e3779b1 | 0, 0x85ebca77 | 0, 0xc2b2ae3d | 0, 0x27d4eb2f] as const
const p5: number = 0x165667b1

/** The bytes of one step of the loop, as 32-bit words. */
const stride = 4

/**
 * xxHash32 with seed 0 over whole 32-bit words, as a signed number (https://github.com/Cyan4973/xxHash,
 * doc/xxhash_spec.md). In JavaScript, because nothing that Node loads at its start computes a checksum: `zlib` has
 * CRC-32 only from 20.15, and loading it, or `crypto`, takes longer than checking the blocks that a command reads. 8
 * KiB take 1.2 µs once compiled, and 0.1 ms the first time.
 */
export const xxHash32 = (words: Int32Array): number => {
  const { length } = words
  const whole = length - (length % stride)
  let hash = p5
  if (whole > 0) {
    let [a, b, c, d] = [(p1 + p2) | 0, p2, 0, -p1 | 0]
    for (let i = 0; i < whole; i += stride) {
      a = (a + Math.imul(words[i] as number, p2)) | 0
      a = Math.imul((a << 13) | (a >>> 19), p1)
      b = (b + Math.imul(words[i + 1] as number, p2)) | 0
      b = Math.imul((b << 13) | (b >>> 19), p1)
      c = (c + Math.imul(words[i + 2] as number, p2)) | 0
      c = Math.imul((c << 13) | (c >>> 19), p1)
      d = (d + Math.imul(words[i + 3] as number, p2)) | 0
      d = Math.imul((d << 13) | (d >>> 19), p1)
    }
    hash = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0
  }
  hash = (hash + length * Int32Array.BYTES_PER_ELEMENT) | 0
  for (let i = whole; i < length; i += 1)
    hash = Math.imul(rotate((hash + Math.imul(words[i] as number, p3)) | 0, 17), p4)
  return mix(hash)
}

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits))

const mix = (hash: number): number => {
  const once = Math.imul(hash ^ (hash >>> 15), p2)
  const twice = Math.imul(once ^ (once >>> 13), p3)
  return twice ^ (twice >>> 16)
}
