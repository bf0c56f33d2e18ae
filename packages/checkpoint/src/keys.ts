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
export type Named = 't' | 'r' | 'q'

/** The key of a named record. */
export const namedKey = (what: Named, name: string): Buffer => Buffer.from(what + name)

/** The name in a key, after a prefix of this many bytes. */
export const nameIn = (key: Buffer, prefixBytes: number): string => key.toString('utf8', prefixBytes)

/** The end of the range of all keys with a prefix. */
export const endOf = (prefix: Buffer): Buffer => Buffer.concat([prefix, Buffer.from([0xff])])

const letterOf = Object.fromEntries(allIndices.map((index, i) => [index, String.fromCharCode(0x61 + i)])) as Record<
  Index,
  string
>

export const countKey = (index: Index, partition: string): Buffer => Buffer.from(`c${letterOf[index]}${partition}`)

/** The start and the end of the range of a partition's keys. */
export const partitionStart = (index: Index, partition: string): Buffer =>
  Buffer.from(`p${letterOf[index]}${partition}\0`)
export const partitionEnd = (index: Index, partition: string): Buffer =>
  Buffer.from(`p${letterOf[index]}${partition}\u0001`)

export const placeKey = (index: Index, partition: string, { rank, seq }: IndexKey): Buffer => {
  const start = `p${letterOf[index]}${partition}\0`
  if (typeof rank === 'string') return withNumber(`${start}${rank}\0`, seq)
  const key = withNumber(start, rank, 8)
  writeNumber(key, seq, key.length - 8)
  return key
}

/** The index key that is encoded in a store key. */
export const positionIn = (key: Buffer, startBytes: number): IndexKey => {
  const rankEnd = key.length - 8
  const seq = readNumber(key, rankEnd)
  const isNumber = rankEnd - startBytes === 8
  // A time has 24 characters and a terminator, `never` has one too: neither is 8 bytes long.
  const rank = isNumber ? readNumber(key, startBytes) : key.toString('latin1', startBytes, rankEnd - 1)
  return { rank, seq }
}

export const addressesStart = (id: string): Buffer => Buffer.from(`a${id}\0`)
export const addressesEnd = (id: string): Buffer => Buffer.from(`a${id}\u0001`)
export const addressesKey = (id: string, firstSeq: number): Buffer => withNumber(`a${id}\0`, firstSeq)

const withNumber = (start: string, number: number, more = 0): Buffer => {
  const bytes = Buffer.byteLength(start)
  const key = Buffer.allocUnsafe(bytes + 8 + more)
  key.write(start)
  writeNumber(key, number, bytes)
  return key
}

/** Writes a whole number up to 2^53 in 8 bytes that sort like the number. */
const writeNumber = (key: Buffer, number: number, at: number): void => {
  key.writeUInt32BE(Math.floor(number / 0x1_0000_0000), at)
  key.writeUInt32BE(number % 0x1_0000_0000, at + 4)
}

const readNumber = (key: Buffer, at: number): number => key.readUInt32BE(at) * 0x1_0000_0000 + key.readUInt32BE(at + 4)
