import type Crypto from 'node:crypto'
import { loadCrypto } from './load-crypto.ts'

/** The number of texts hashed in JavaScript before the native hash is worth loading: loading takes as long as these. */
const jsHashesMax = 16
/** More bytes than this are worth loading it at once. */
const jsBytesMax = 4096
/** So is a single text that is longer than this. */
const jsTextLengthMax = 1024

let jsHashCount = 0

/**
 * SHA-256 of the UTF-8 bytes of a text, in hex. A process that runs one command and reads a line or two hashes them
 * with {@link sha256Js}, because loading `node:crypto` takes longer.
 */
export const sha256Hex = (text: string): string => {
  if (jsHashCount < jsHashesMax && text.length <= jsTextLengthMax) {
    jsHashCount += 1
    return sha256Js(text)
  }
  return sha256Native(text)
}

/** Announces about how many bytes will be hashed: if they are many, the native hash is used from the first one. */
export const preferNativeHash = (bytes: number): void => {
  if (bytes > jsBytesMax) jsHashCount = jsHashesMax
}

let nativeHash: ((text: string) => string) | undefined

const sha256Native = (text: string): string => {
  nativeHash ??= chooseNativeHash(loadCrypto())
  return nativeHash(text)
}

/** One-shot hashing (Node 20.12 and later) takes 0.4 of the time of a hash object. */
const chooseNativeHash = ({ hash, createHash }: typeof Crypto): ((text: string) => string) =>
  typeof hash === 'function'
    ? text => hash('sha256', text, 'hex')
    : text => createHash('sha256').update(text).digest('hex')

const blockBytes = 64

/** The first 32 bits of the fractions of the square roots of the first 8 primes. */
const initialState = Int32Array.of(
  0x6a09e667,
  0xbb67ae85,
  0x3c6ef372,
  0xa54ff53a,
  0x510e527f,
  0x9b05688c,
  0x1f83d9ab,
  0x5be0cd19,
)

/** Those of the cube roots of the first 64 primes. */
const roundConstants = Int32Array.of(
  0x428a2f98,
  0x71374491,
  0xb5c0fbcf,
  0xe9b5dba5,
  0x3956c25b,
  0x59f111f1,
  0x923f82a4,
  0xab1c5ed5,
  0xd807aa98,
  0x12835b01,
  0x243185be,
  0x550c7dc3,
  0x72be5d74,
  0x80deb1fe,
  0x9bdc06a7,
  0xc19bf174,
  0xe49b69c1,
  0xefbe4786,
  0x0fc19dc6,
  0x240ca1cc,
  0x2de92c6f,
  0x4a7484aa,
  0x5cb0a9dc,
  0x76f988da,
  0x983e5152,
  0xa831c66d,
  0xb00327c8,
  0xbf597fc7,
  0xc6e00bf3,
  0xd5a79147,
  0x06ca6351,
  0x14292967,
  0x27b70a85,
  0x2e1b2138,
  0x4d2c6dfc,
  0x53380d13,
  0x650a7354,
  0x766a0abb,
  0x81c2c92e,
  0x92722c85,
  0xa2bfe8a1,
  0xa81a664b,
  0xc24b8b70,
  0xc76c51a3,
  0xd192e819,
  0xd6990624,
  0xf40e3585,
  0x106aa070,
  0x19a4c116,
  0x1e376c08,
  0x2748774c,
  0x34b0bcb5,
  0x391c0cb3,
  0x4ed8aa4a,
  0x5b9cca4f,
  0x682e6ff3,
  0x748f82ee,
  0x78a5636f,
  0x84c87814,
  0x8cc70208,
  0x90befffa,
  0xa4506ceb,
  0xbef9a3f7,
  0xc67178f2,
)

/** SHA-256 in JavaScript, as in FIPS 180-4, section 6.2. */
export const sha256Js = (text: string): string => {
  const length = Buffer.byteLength(text)
  // Padded by a one bit, zeros, and the length in bits as the last 8 bytes.
  const bytes = Buffer.alloc(Math.ceil((length + 9) / blockBytes) * blockBytes)
  bytes.write(text)
  bytes[length] = 0x80
  bytes.writeUInt32BE(length * 8, bytes.length - 4)
  const state = Int32Array.from(initialState)
  const schedule = new Int32Array(blockBytes)
  for (let start = 0; start < bytes.length; start += blockBytes) {
    for (let i = 0; i < 16; i += 1) {
      const from = start + 4 * i
      const high = ((bytes[from] as number) << 24) | ((bytes[from + 1] as number) << 16)
      schedule[i] = high | ((bytes[from + 2] as number) << 8) | (bytes[from + 3] as number)
    }
    compress(state, schedule)
  }
  return Array.from(state, word => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

/** Compresses one block. Without calls or arrays in its loops: this runs before any of it has been compiled. */
const compress = (state: Int32Array, w: Int32Array): void => {
  for (let i = 16; i < 64; i += 1) {
    const x = w[i - 15] as number
    const y = w[i - 2] as number
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
    w[i] = (w[i - 16] as number) + s0 + (w[i - 7] as number) + s1
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
  for (let i = 0; i < 64; i += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const first = (h + s1 + ((e & f) ^ (~e & g)) + (roundConstants[i] as number) + (w[i] as number)) | 0
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + second) | 0
  }
  const after = [a, b, c, d, e, f, g, h]
  for (let i = 0; i < 8; i += 1) state[i] = (state[i] as number) + (after[i] as number)
}
