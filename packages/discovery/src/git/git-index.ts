import { foldedBitmap } from './ewah-bitmap.ts'

/** The tracking of a path in git's index; `unknown`: a sparse index has a directory above it as one entry. */
export type Tracking = 'tracked' | 'untracked' | 'unknown'

/** Bytes of a hash: SHA-1, SHA-256. The file does not contain the algorithm; only one of them leads to its end. */
const hashSizes = [20, 32] as const
const headerBytes = 12
/** Bytes of an entry before its hash: times, device, inode, mode, owner, size. */
const statBytes = 40
const modeAt = 24
const directoryMode = 0o040000
const extendedFlag = 0x4000
const nameLengthMask = 0x0fff

/**
 * Finds `path` (relative to the checkout, with `/`) in the index file `bytes`. Supports versions 2 to 4, split and
 * sparse; undefined: not a readable index. `sharedIndex` returns the bytes of `sharedindex.<hash>` for a split index.
 * See gitformat-index(5).
 */
export const trackingIn = (
  bytes: Buffer,
  path: string,
  sharedIndex: (hash: string) => Buffer | undefined,
): Tracking | undefined => {
  const wanted = Buffer.from(path)
  for (const hashBytes of hashSizes) {
    const own = findEntries(bytes, wanted, hashBytes)
    const extensions = own && extensionsFrom(bytes, own.end, hashBytes)
    if (own === undefined || extensions === undefined) continue
    if (own.positions.length > 0) return 'tracked'
    if (own.isBelowDirectory) return 'unknown'
    const link = extensions.get('link')
    return link === undefined ? 'untracked' : trackingInShared(link, wanted, hashBytes, sharedIndex)
  }
  return undefined
}

const trackingInShared = (
  link: Buffer,
  wanted: Buffer,
  hashBytes: number,
  sharedIndex: (hash: string) => Buffer | undefined,
): Tracking | undefined => {
  const hash = link.subarray(0, hashBytes).toString('hex')
  if (/^0*$/.test(hash)) return 'untracked'
  const bytes = sharedIndex(hash)
  const shared = bytes && findEntries(bytes, wanted, hashBytes)
  if (shared === undefined) return undefined
  const isDeleted = foldedBitmap(link.subarray(hashBytes))
  if (shared.positions.some(position => !isDeleted(position))) return 'tracked'
  return shared.isBelowDirectory ? 'unknown' : 'untracked'
}

type Found = {
  /** Positions of the path among all entries: several during an unresolved merge. */
  readonly positions: ReadonlyArray<number>
  readonly isBelowDirectory: boolean
  /** The byte after the last entry. */
  readonly end: number
}

const findEntries = (bytes: Buffer, wanted: Buffer, hashBytes: number): Found | undefined => {
  if (bytes.length < headerBytes + hashBytes || bytes.toString('latin1', 0, 4) !== 'DIRC') return undefined
  const version = bytes.readUInt32BE(4)
  if (version < 2 || version > 4) return undefined
  const count = bytes.readUInt32BE(8)
  const last = bytes.length - hashBytes
  const positions: Array<number> = []
  let isBelowDirectory = false
  let previous: Name = { length: 0, common: 0 }
  let at = headerBytes
  for (let position = 0; position < count; position += 1) {
    const flagsAt = at + statBytes + hashBytes
    if (flagsAt + 4 > last) return undefined
    const flags = bytes.readUInt16BE(flagsAt)
    const nameAt = flagsAt + ((flags & extendedFlag) === 0 ? 2 : 4)
    const name =
      version === 4
        ? compressedName(bytes, nameAt, wanted, previous)
        : wholeName(bytes, nameAt, wanted, flags & nameLengthMask)
    if (name === undefined) return undefined
    if (name.common === name.length && name.length > 0) {
      if (name.length === wanted.length) positions.push(position)
      else if (bytes.readUInt32BE(at + modeAt) === directoryMode) isBelowDirectory = true
    }
    // Entries of versions 2 and 3 are padded with 1 to 8 NULs to a multiple of 8 bytes.
    at = version === 4 ? name.end + 1 : at + ((name.end - at + 8) & ~7)
    previous = name
  }
  return at > last ? undefined : { positions, isBelowDirectory, end: at }
}

/** A name's length, the length of its common prefix with the wanted path, and the byte after it. */
type Name = { readonly length: number; readonly common: number; readonly end?: number }
type ReadName = Name & { readonly end: number }

const wholeName = (bytes: Buffer, at: number, wanted: Buffer, flagged: number): ReadName | undefined => {
  const end = flagged < nameLengthMask ? at + flagged : bytes.indexOf(0, at + nameLengthMask)
  if (end < 0 || bytes[end] !== 0) return undefined
  return { length: end - at, common: commonLength(bytes, at, end, wanted, 0), end }
}

/** In version 4 a name starts with the number of bytes to drop from the previous one, followed by the rest. */
const compressedName = (bytes: Buffer, start: number, wanted: Buffer, previous: Name): ReadName | undefined => {
  let at = start
  let byte = bytes[at] ?? 0
  let dropped = byte & 0x7f
  while ((byte & 0x80) !== 0) {
    at += 1
    byte = bytes[at] ?? 0
    dropped = (dropped + 1) * 128 + (byte & 0x7f)
  }
  const kept = previous.length - dropped
  const end = bytes.indexOf(0, at + 1)
  if (kept < 0 || end < 0) return undefined
  const common = kept > previous.common ? previous.common : kept + commonLength(bytes, at + 1, end, wanted, kept)
  return { length: kept + end - at - 1, common, end }
}

const commonLength = (bytes: Buffer, from: number, to: number, wanted: Buffer, wantedFrom: number): number => {
  const most = Math.min(to - from, wanted.length - wantedFrom)
  let n = 0
  while (n < most && bytes[from + n] === wanted[wantedFrom + n]) n += 1
  return n
}

/** The extensions by name; undefined: they do not lead to the checksum that ends the file. */
const extensionsFrom = (bytes: Buffer, from: number, hashBytes: number): ReadonlyMap<string, Buffer> | undefined => {
  const extensions = new Map<string, Buffer>()
  const last = bytes.length - hashBytes
  let at = from
  while (at + 8 <= last) {
    const end = at + 8 + bytes.readUInt32BE(at + 4)
    if (end > last) return undefined
    extensions.set(bytes.toString('latin1', at, at + 4), bytes.subarray(at + 8, end))
    at = end
  }
  return at === last ? extensions : undefined
}
