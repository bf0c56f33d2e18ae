/**
 * A block: entries in the order of the bytes of their keys. Each block is read and verified as a whole.
 *
 * ```
 *   n | start of key 1, of value 1, … of key n, of value n, end | key 1 value 1 … key n value n | up to 3 zeros
 *   └─ 32-bit words, in the byte order of the machine ─────────┘
 * ```
 */
export type Block = { readonly words: Int32Array; readonly bytes: Buffer }

/**
 * A key, as text with one character per byte, and its value: text in a leaf, a pointer to a lower block in an inner
 * block. Such keys take a fraction of the memory of buffers, and of the time of a comparison.
 */
export type BlockEntry = { readonly key: string; readonly value: Buffer | string }

const wordBytes = Int32Array.BYTES_PER_ELEMENT

const measureValue = (value: Buffer | string): number =>
  typeof value === 'string' ? Buffer.byteLength(value) : value.length

/** The bytes that an entry takes in a block. */
export const measureEntry = ({ key, value }: BlockEntry): number => key.length + measureValue(value) + 2 * wordBytes

/** An empty block of this size to be filled; `bytes` must be a multiple of four. */
export const createBlock = (bytes: number): Block => {
  const words = new Int32Array(bytes / wordBytes)
  return { words, bytes: Buffer.from(words.buffer) }
}

/** Builds the block of `entries`, which must be in order. */
export const buildBlock = (entries: ReadonlyArray<BlockEntry>): Block => {
  const headWords = 2 + 2 * entries.length
  let end = headWords * wordBytes
  for (const { key, value } of entries) end += key.length + measureValue(value)
  const block = createBlock(end + ((wordBytes - (end % wordBytes)) % wordBytes))
  const { words, bytes } = block
  words[0] = entries.length
  let offset = headWords * wordBytes
  let word = 1
  for (const { key, value } of entries) {
    words[word] = offset
    offset += bytes.write(key, offset, 'latin1')
    words[word + 1] = offset
    offset += typeof value === 'string' ? bytes.write(value, offset) : value.copy(bytes, offset)
    word += 2
  }
  words[word] = offset
  return block
}

export const countEntries = ({ words }: Block): number => words[0] as number

export const readKey = ({ words, bytes }: Block, i: number): Buffer =>
  bytes.subarray(words[1 + 2 * i], words[2 + 2 * i])

export const readValue = ({ words, bytes }: Block, i: number): Buffer =>
  bytes.subarray(words[2 + 2 * i], words[3 + 2 * i])

export const readText = ({ words, bytes }: Block, i: number): string =>
  bytes.toString('utf8', words[2 + 2 * i], words[3 + 2 * i])

/** The number of keys before `key`. */
export const findKeyIndex = (block: Block, key: Buffer): number => {
  const { words, bytes } = block
  let [low, high] = [0, countEntries(block)]
  while (low < high) {
    const middle = (low + high) >> 1
    const order = bytes.compare(key, 0, key.length, words[1 + 2 * middle], words[2 + 2 * middle])
    if (order < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** True if entry `i` has this key. */
export const hasKey = (block: Block, i: number, key: Buffer): boolean =>
  i < countEntries(block) && readKey(block, i).equals(key)

/** The key of entry `i` in the form of a {@link BlockEntry}. */
export const readKeyText = ({ words, bytes }: Block, i: number): string =>
  bytes.toString('latin1', words[1 + 2 * i], words[2 + 2 * i])

export const readEntries = (block: Block): ReadonlyArray<BlockEntry> => {
  const entries: Array<BlockEntry> = []
  for (let i = 0; i < countEntries(block); i += 1)
    entries.push({ key: readKeyText(block, i), value: readValue(block, i) })
  return entries
}
