import { readEwahBitmap } from './ewah-bitmap.ts'

/** The tracking of a path in git's index; `unknown`: a sparse index has a directory above it as one entry. */
export type Tracking = 'tracked' | 'untracked' | 'unknown'

/** Bytes of a hash: SHA-1, SHA-256. The file does not contain the algorithm; only one of them leads to its end. */
const hashSizes = [20, 32] as const
const headerBytes = 12
/** Bytes of an entry before its hash: times, device, inode, mode, owner, size. */
const statBytes = 40
const modeOffset = 24
const directoryMode = 0o040000
const extendedFlag = 0x4000
const nameLengthMask = 0x0fff

/**
 * Finds `path` (relative to the checkout, with `/`) in the index file `bytes`. Supports versions 2 to 4, split and
 * sparse; undefined: not a readable index. `sharedIndex` returns the bytes of `sharedindex.<hash>` for a split index.
 * See gitformat-index(5).
 */
export const findTracking = (
  bytes: Buffer,
  path: string,
  sharedIndex: (hash: string) => Buffer | undefined,
): Tracking | undefined => {
  const wantedPath = Buffer.from(path)
  for (const hashBytes of hashSizes) {
    const ownMatch = findEntries(bytes, wantedPath, hashBytes)
    const extensions = ownMatch && readExtensions(bytes, ownMatch.end, hashBytes)
    if (ownMatch === undefined || extensions === undefined) continue
    if (ownMatch.positions.length > 0) return 'tracked'
    if (ownMatch.isBelowDirectory) return 'unknown'
    const link = extensions.get('link')
    return link === undefined ? 'untracked' : findSharedTracking(link, wantedPath, hashBytes, sharedIndex)
  }
  return undefined
}

const findSharedTracking = (
  link: Buffer,
  wantedPath: Buffer,
  hashBytes: number,
  sharedIndex: (hash: string) => Buffer | undefined,
): Tracking | undefined => {
  const hash = link.subarray(0, hashBytes).toString('hex')
  if (/^0*$/.test(hash)) return 'untracked'
  const bytes = sharedIndex(hash)
  const sharedMatch = bytes && findEntries(bytes, wantedPath, hashBytes)
  if (sharedMatch === undefined) return undefined
  const isDeleted = readEwahBitmap(link.subarray(hashBytes))
  if (sharedMatch.positions.some(position => !isDeleted(position))) return 'tracked'
  return sharedMatch.isBelowDirectory ? 'unknown' : 'untracked'
}

type IndexMatch = {
  /** Positions of the path among all entries: several during an unresolved merge. */
  readonly positions: ReadonlyArray<number>
  readonly isBelowDirectory: boolean
  /** The byte after the last entry. */
  readonly end: number
}

const findEntries = (bytes: Buffer, wantedPath: Buffer, hashBytes: number): IndexMatch | undefined => {
  if (bytes.length < headerBytes + hashBytes || bytes.toString('latin1', 0, 4) !== 'DIRC') return undefined
  const version = bytes.readUInt32BE(4)
  if (version < 2 || version > 4) return undefined
  const count = bytes.readUInt32BE(8)
  const checksumOffset = bytes.length - hashBytes
  const positions: Array<number> = []
  let isBelowDirectory = false
  let previous: NameMatch = { length: 0, common: 0 }
  let offset = headerBytes
  for (let position = 0; position < count; position += 1) {
    const flagsOffset = offset + statBytes + hashBytes
    if (flagsOffset + 4 > checksumOffset) return undefined
    const flags = bytes.readUInt16BE(flagsOffset)
    const nameOffset = flagsOffset + ((flags & extendedFlag) === 0 ? 2 : 4)
    const name =
      version === 4
        ? readCompressedName(bytes, nameOffset, wantedPath, previous)
        : readWholeName(bytes, nameOffset, wantedPath, flags & nameLengthMask)
    if (name === undefined) return undefined
    if (name.common === name.length && name.length > 0) {
      if (name.length === wantedPath.length) positions.push(position)
      else if (bytes.readUInt32BE(offset + modeOffset) === directoryMode) isBelowDirectory = true
    }
    // Entries of versions 2 and 3 are padded with 1 to 8 NULs to a multiple of 8 bytes.
    offset = version === 4 ? name.end + 1 : offset + ((name.end - offset + 8) & ~7)
    previous = name
  }
  return offset > checksumOffset ? undefined : { positions, isBelowDirectory, end: offset }
}

/** A name's length, the length of its common prefix with the wanted path, and the byte after it. */
type NameMatch = { readonly length: number; readonly common: number; readonly end?: number }
type CompleteNameMatch = NameMatch & { readonly end: number }

const readWholeName = (
  bytes: Buffer,
  offset: number,
  wantedPath: Buffer,
  nameLength: number,
): CompleteNameMatch | undefined => {
  const end = nameLength < nameLengthMask ? offset + nameLength : bytes.indexOf(0, offset + nameLengthMask)
  if (end < 0 || bytes[end] !== 0) return undefined
  return { length: end - offset, common: commonLength(bytes, offset, end, wantedPath, 0), end }
}

/** In version 4 a name starts with the number of bytes to drop from the previous one, followed by the rest. */
const readCompressedName = (
  bytes: Buffer,
  start: number,
  wantedPath: Buffer,
  previous: NameMatch,
): CompleteNameMatch | undefined => {
  let offset = start
  let byte = bytes[offset] ?? 0
  let droppedBytes = byte & 0x7f
  while ((byte & 0x80) !== 0) {
    offset += 1
    byte = bytes[offset] ?? 0
    droppedBytes = (droppedBytes + 1) * 128 + (byte & 0x7f)
  }
  const keptBytes = previous.length - droppedBytes
  const end = bytes.indexOf(0, offset + 1)
  if (keptBytes < 0 || end < 0) return undefined
  const common =
    keptBytes > previous.common
      ? previous.common
      : keptBytes + commonLength(bytes, offset + 1, end, wantedPath, keptBytes)
  return { length: keptBytes + end - offset - 1, common, end }
}

const commonLength = (bytes: Buffer, start: number, end: number, wantedPath: Buffer, wantedOffset: number): number => {
  const lengthMax = Math.min(end - start, wantedPath.length - wantedOffset)
  let n = 0
  while (n < lengthMax && bytes[start + n] === wantedPath[wantedOffset + n]) n += 1
  return n
}

/** The extensions by name; undefined: they do not lead to the checksum that ends the file. */
const readExtensions = (bytes: Buffer, start: number, hashBytes: number): ReadonlyMap<string, Buffer> | undefined => {
  const extensions = new Map<string, Buffer>()
  const checksumOffset = bytes.length - hashBytes
  let offset = start
  while (offset + 8 <= checksumOffset) {
    const end = offset + 8 + bytes.readUInt32BE(offset + 4)
    if (end > checksumOffset) return undefined
    extensions.set(bytes.toString('latin1', offset, offset + 4), bytes.subarray(offset + 8, end))
    offset = end
  }
  return offset === checksumOffset ? extensions : undefined
}
