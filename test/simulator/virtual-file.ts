import type { Random } from '../support/random.ts'

type FileChange =
  { readonly offset: number; readonly bytes: Buffer; readonly overwrites: boolean } | { readonly truncatedSize: number }

/**
 * A file in the system: its content for all readers, its content on disk, and the changes that are not on disk yet. A
 * power cut keeps any of these changes that a disk may have written by then.
 */
export type VirtualFile = {
  readonly ino: number
  readonly content: () => Buffer
  readonly append: (bytes: Buffer) => void
  readonly overwrite: (bytes: Buffer, offset: number) => void
  readonly truncate: (size: number) => void
  /** Everything is on the disk. */
  readonly sync: () => void
  /** The disk wrote a part. As on Linux, the system takes everything as written, and may read it back from the disk. */
  readonly failSync: () => void
  /** The number of failed syncs, and the number of those that were reported to a process. */
  readonly failures: () => number
  readonly countReported: () => number
  readonly reportFailures: () => void
  readonly powerCut: () => void
  /** A byte changes on the disk without a write. */
  readonly corruptByte: (offset: number) => void
}

export const virtualFile = (ino: number, pageBytes: number, random: Random): VirtualFile => {
  let content: Buffer = Buffer.alloc(0)
  let onDisk = content
  let changes: Array<FileChange> = []
  let failures = 0
  let reportedFailures = 0

  const addChange = (next: FileChange): void => {
    content = applyChange(content, next)
    changes.push(next)
  }
  const setDiskContent = (bytes: Buffer): void => {
    onDisk = bytes
    changes = []
  }

  return {
    ino,
    content: () => content,
    append: bytes => addChange({ offset: content.length, bytes, overwrites: false }),
    overwrite: (bytes, offset) => addChange({ offset, bytes, overwrites: true }),
    truncate: size => addChange({ truncatedSize: size }),
    sync: () => setDiskContent(changes.reduce(applyChange, onDisk)),
    failSync: () => {
      setDiskContent(drawDiskContent(onDisk, content, changes, pageBytes, random))
      failures += 1
      // A page that the system dropped is read back from the disk; the length stays.
      if (random.chance(20)) content = Buffer.concat([onDisk, Buffer.alloc(content.length)], content.length)
    },
    failures: () => failures,
    countReported: () => reportedFailures,
    reportFailures: () => {
      reportedFailures = failures
    },
    powerCut: () => {
      setDiskContent(drawDiskContent(onDisk, content, changes, pageBytes, random))
      content = onDisk
      failures = 0
      reportedFailures = 0
    },
    corruptByte: offset => {
      content = Buffer.from(content)
      content[offset] = (content[offset] as number) ^ random.between(1, 255)
      setDiskContent(content)
    },
  }
}

const applyChange = (content: Buffer, change: FileChange): Buffer => {
  if ('truncatedSize' in change) return content.subarray(0, change.truncatedSize)
  const { offset, bytes } = change
  const end = Math.max(content.length, offset + bytes.length)
  const changed = Buffer.alloc(end)
  content.copy(changed)
  bytes.copy(changed, offset)
  return changed
}

/** The content of a disk after a power cut or failure: none of the pending `changes`, all, a prefix, or some pages. */
const drawDiskContent = (
  onDisk: Buffer,
  content: Buffer,
  changes: ReadonlyArray<FileChange>,
  pageBytes: number,
  random: Random,
): Buffer => {
  if (changes.length === 0) return onDisk
  switch (random.between(0, 4)) {
    case 0:
      return onDisk
    case 1:
      return content
    case 2:
      return drawPrefix(onDisk, changes, random)
    default:
      return drawPages(onDisk, content, changes, pageBytes, random)
  }
}

const drawPrefix = (onDisk: Buffer, changes: ReadonlyArray<FileChange>, random: Random): Buffer => {
  const wholeChanges = random.between(0, changes.length - 1)
  const writtenContent = changes.slice(0, wholeChanges).reduce(applyChange, onDisk)
  const torn = changes[wholeChanges] as FileChange
  if ('truncatedSize' in torn) return writtenContent
  return applyChange(writtenContent, { ...torn, bytes: torn.bytes.subarray(0, random.between(0, torn.bytes.length)) })
}

/** Each changed page is the old one, the new one, or torn; the length is any that the file has had. */
const drawPages = (
  onDisk: Buffer,
  content: Buffer,
  changes: ReadonlyArray<FileChange>,
  pageBytes: number,
  random: Random,
): Buffer => {
  const sizes = [onDisk.length]
  const pages = new Set<number>()
  let size = onDisk.length
  for (const change of changes) {
    size = 'truncatedSize' in change ? change.truncatedSize : Math.max(size, change.offset + change.bytes.length)
    sizes.push(size)
    if ('truncatedSize' in change) continue
    const last = Math.floor((change.offset + change.bytes.length - 1) / pageBytes)
    for (let page = Math.floor(change.offset / pageBytes); page <= last; page += 1) pages.add(page)
  }
  const result = Buffer.alloc(random.oneOf(sizes) ?? 0)
  onDisk.copy(result)
  for (const page of pages) {
    const start = page * pageBytes
    if (start >= result.length) continue
    const written = random.chance(20) ? random.between(0, pageBytes) : random.chance(50) ? pageBytes : 0
    content.subarray(start, start + written).copy(result, start)
  }
  return result
}
