import type { Random } from '../support/random.ts'

type Change =
  { readonly at: number; readonly bytes: Buffer; readonly overwrites: boolean } | { readonly truncatedTo: number }

/**
 * A file in the system: its content for all readers, its content on disk, and the changes that are not on disk yet. A
 * power cut keeps any of these changes that a disk may have written by then.
 */
export type VirtualFile = {
  readonly ino: number
  readonly content: () => Buffer
  readonly append: (bytes: Buffer) => void
  readonly overwrite: (bytes: Buffer, at: number) => void
  readonly truncate: (size: number) => void
  /** Everything is on the disk. */
  readonly sync: () => void
  /** The disk wrote a part. As on Linux, the system takes everything as written, and may read it back from the disk. */
  readonly failToSync: () => void
  /** The number of failed syncs, and the number of those that were reported to a process. */
  readonly failures: () => number
  readonly told: () => number
  readonly tell: () => void
  readonly powerCut: () => void
  /** A byte changes on the disk without a write. */
  readonly rot: (at: number) => void
}

export const virtualFile = (ino: number, pageBytes: number, random: Random): VirtualFile => {
  let content: Buffer = Buffer.alloc(0)
  let onDisk = content
  let changes: Array<Change> = []
  let failures = 0
  let told = 0

  const change = (next: Change): void => {
    content = after(content, next)
    changes.push(next)
  }
  const settle = (bytes: Buffer): void => {
    onDisk = bytes
    changes = []
  }

  return {
    ino,
    content: () => content,
    append: bytes => change({ at: content.length, bytes, overwrites: false }),
    overwrite: (bytes, at) => change({ at, bytes, overwrites: true }),
    truncate: size => change({ truncatedTo: size }),
    sync: () => settle(changes.reduce(after, onDisk)),
    failToSync: () => {
      settle(kept(onDisk, content, changes, pageBytes, random))
      failures += 1
      // A page that the system dropped is read back from the disk; the length stays.
      if (random.chance(20)) content = Buffer.concat([onDisk, Buffer.alloc(content.length)], content.length)
    },
    failures: () => failures,
    told: () => told,
    tell: () => {
      told = failures
    },
    powerCut: () => {
      settle(kept(onDisk, content, changes, pageBytes, random))
      content = onDisk
      failures = 0
      told = 0
    },
    rot: at => {
      content = Buffer.from(content)
      content[at] = (content[at] as number) ^ random.between(1, 255)
      settle(content)
    },
  }
}

const after = (content: Buffer, change: Change): Buffer => {
  if ('truncatedTo' in change) return content.subarray(0, change.truncatedTo)
  const { at, bytes } = change
  const end = Math.max(content.length, at + bytes.length)
  const changed = Buffer.alloc(end)
  content.copy(changed)
  bytes.copy(changed, at)
  return changed
}

/** The content of a disk after a power cut or failure: none of the pending `changes`, all, a prefix, or some pages. */
const kept = (
  onDisk: Buffer,
  content: Buffer,
  changes: ReadonlyArray<Change>,
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
      return prefixKept(onDisk, changes, random)
    default:
      return pagesKept(onDisk, content, changes, pageBytes, random)
  }
}

const prefixKept = (onDisk: Buffer, changes: ReadonlyArray<Change>, random: Random): Buffer => {
  const whole = random.between(0, changes.length - 1)
  const before = changes.slice(0, whole).reduce(after, onDisk)
  const torn = changes[whole] as Change
  if ('truncatedTo' in torn) return before
  return after(before, { ...torn, bytes: torn.bytes.subarray(0, random.between(0, torn.bytes.length)) })
}

/** Each changed page is the old one, the new one, or torn; the length is any that the file has had. */
const pagesKept = (
  onDisk: Buffer,
  content: Buffer,
  changes: ReadonlyArray<Change>,
  pageBytes: number,
  random: Random,
): Buffer => {
  const sizes = [onDisk.length]
  const pages = new Set<number>()
  let size = onDisk.length
  for (const change of changes) {
    size = 'truncatedTo' in change ? change.truncatedTo : Math.max(size, change.at + change.bytes.length)
    sizes.push(size)
    if ('truncatedTo' in change) continue
    const last = Math.floor((change.at + change.bytes.length - 1) / pageBytes)
    for (let page = Math.floor(change.at / pageBytes); page <= last; page += 1) pages.add(page)
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
