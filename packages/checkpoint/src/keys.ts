import { allIndices, type Index, type IndexKey } from '@claimlog/domain/table'

/**
 * The keys of the store, in the order of their bytes. Names have no control characters, so a byte of 0 ends a name, and
 * a byte of 1 sorts after everything that begins with it.
 *
 * | key | value |
 * |---|---|
 * | `t` id | the task's record |
 * | `r` kind | the kind's rules |
 * | `q` request id | the events of the request |
 * | `c` index partition | the number of its entries |
 * | `p` index partition 0 rank seq | the task; in the partition '' of an index with kinds in order, the kind |
 * | `a` id 0 seq | the offsets of the task's events from this one on |
 */
export type NamedRecord = 't' | 'r' | 'q'

/** The key of a named record. */
export const namedKey = (record: NamedRecord, name: string): Buffer => Buffer.from(record + name)

/** The name in a key, after a prefix of this many bytes. */
export const parseName = (key: Buffer, prefixBytes: number): string => key.toString('utf8', prefixBytes)

/** The end of the range of all keys with a prefix. */
export const prefixEnd = (prefix: Buffer): Buffer => Buffer.concat([prefix, Buffer.from([0xff])])

const indexLetters = Object.fromEntries(allIndices.map((index, i) => [index, String.fromCharCode(0x61 + i)])) as Record<
  Index,
  string
>

export const countKey = (index: Index, partition: string): Buffer => Buffer.from(`c${indexLetters[index]}${partition}`)

/** The start and the end of the range of a partition's keys. */
export const partitionStart = (index: Index, partition: string): Buffer =>
  Buffer.from(`p${indexLetters[index]}${partition}\0`)
export const partitionEnd = (index: Index, partition: string): Buffer =>
  Buffer.from(`p${indexLetters[index]}${partition}\u0001`)

export const indexEntryKey = (index: Index, partition: string, { rank, seq }: IndexKey): Buffer => {
  const start = `p${indexLetters[index]}${partition}\0`
  if (typeof rank === 'string') return appendNumber(`${start}${rank}\0`, seq)
  const key = appendNumber(start, rank, 8)
  writeNumber(key, seq, key.length - 8)
  return key
}

/** The index key that is encoded in a store key. */
export const parseIndexKey = (key: Buffer, startBytes: number): IndexKey => {
  const rankEnd = key.length - 8
  const seq = readNumber(key, rankEnd)
  const isNumber = rankEnd - startBytes === 8
  // A time has 24 characters and a terminator, and `noLeaseEnd` has one and a terminator: neither is 8 bytes long.
  const rank = isNumber ? readNumber(key, startBytes) : key.toString('latin1', startBytes, rankEnd - 1)
  return { rank, seq }
}

export const offsetsStart = (id: string): Buffer => Buffer.from(`a${id}\0`)
export const offsetsEnd = (id: string): Buffer => Buffer.from(`a${id}\u0001`)
export const offsetsKey = (id: string, firstSeq: number): Buffer => appendNumber(`a${id}\0`, firstSeq)

const appendNumber = (start: string, number: number, extraBytes = 0): Buffer => {
  const bytes = Buffer.byteLength(start)
  const key = Buffer.allocUnsafe(bytes + 8 + extraBytes)
  key.write(start)
  writeNumber(key, number, bytes)
  return key
}

/** Writes a whole number up to 2^53 in 8 bytes that sort like the number. */
const writeNumber = (key: Buffer, number: number, offset: number): void => {
  key.writeUInt32BE(Math.floor(number / 0x1_0000_0000), offset)
  key.writeUInt32BE(number % 0x1_0000_0000, offset + 4)
}

const readNumber = (key: Buffer, offset: number): number =>
  key.readUInt32BE(offset) * 0x1_0000_0000 + key.readUInt32BE(offset + 4)
