import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { lockName, stampName } from '@claimlog/checkpoint/names'
import { queueFileFormat } from '@claimlog/domain'
import type { Bookmark } from '@claimlog/event-log'
import { bytesAt, codeOf, firstBytes, headBytes, withOpen } from './file-bytes.ts'
import { type GiveParts, holdsText, writeText } from './text-in-parts.ts'

export const queueFileName = 'queue.json'
/** Where an edit that somebody made by hand is kept. */
export const editedFileName = 'queue.edited.json'
/** What is derived and not `queue.json`, by its path in the workspace; can be deleted at any time. */
const derivedDirName = 'derived'
export const derivedFiles = {
  dir: derivedDirName,
  lock: join(derivedDirName, 'queue.lock'),
  stamp: join(derivedDirName, 'queue.stamp'),
  temporary: join(derivedDirName, 'queue.json.tmp'),
  refresher: join(derivedDirName, 'queue.refresher'),
  size: join(derivedDirName, 'queue.size'),
  untracked: join(derivedDirName, 'git.untracked'),
  checkpointStamp: join(derivedDirName, stampName),
  checkpointLock: join(derivedDirName, lockName),
} as const

/** The file as it was found: an identity that changes with every change of the file, and the seq it names. */
export type FoundQueueFile = {
  readonly identity: string
  readonly seq: number | undefined
  /** It holds nothing but white space. */
  readonly empty: boolean
}

/** The file as `stat` sees it. `stampedSeq`: it is as we wrote it, at that seq. `identity`: undefined where there is none. */
type Inspected = {
  readonly stampedSeq: number | undefined
  /** The place that the log had when we wrote it; undefined: not known, or its bytes are those of another format. */
  readonly bookmark: Bookmark | undefined
  readonly identity: string | undefined
  /** When it was written, in milliseconds of the system's clock. */
  readonly writtenAtMs: number
  readonly bytes: number
}

/**
 * `queue.json` and the stamp beside it, which says what we last wrote: at which seq, and what the file looked like to
 * `stat` then. A file that still looks so was not edited, and need not be read to know it.
 */
export type QueueFileOnDisk = {
  readonly path: string
  /** Makes the folder for what is derived. */
  readonly prepare: () => void
  readonly inspect: () => Inspected
  readonly read: () => FoundQueueFile
  /** The text of the file that has this identity; undefined: it has no longer, or is too long to be gone on from. */
  readonly ownText: (identity: string) => string | undefined
  /** Whether the file holds this text, and nothing else. */
  readonly holds: (give: GiveParts) => boolean
  /**
   * Puts a text in the file's place at once, so that no reader ever sees a part of it, and answers with its bytes.
   * undefined: it has more than `maxBytes`, and the file is as it was.
   */
  readonly write: (give: GiveParts, at: Bookmark, maxBytes: number) => number | undefined
  /** Says of the file that has this identity that we wrote it, at `seq`. */
  readonly stamp: (seq: number, identity: string) => void
  /** The file is to be judged by its text, whatever the stamp says. */
  readonly forgetStamp: () => void
  /** Keeps the file as `queue.edited.json`, an older one of that name under a number, and answers with its path. */
  readonly keepEdited: () => string
}

const { O_CREAT, O_EXCL, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants

export const queueFileOnDisk = (dir: string): QueueFileOnDisk => {
  const filePath = join(dir, queueFileName)
  const stampPath = join(dir, derivedFiles.stamp)
  const tempPath = join(dir, derivedFiles.temporary)

  const stamp = (seq: number, identity: string, at = ''): void => {
    removeIfThere(stampPath)
    const fd = openSync(stampPath, O_WRONLY | O_CREAT | O_EXCL, 0o666)
    try {
      // Ends in a space, so that one that was cut off does not pass for whole.
      writeText(fd, write => write(`${seq} ${identity} ${queueFileFormat} ${at} `))
    } finally {
      closeSync(fd)
    }
  }

  return {
    path: filePath,
    prepare: () => {
      try {
        mkdirSync(join(dir, derivedFiles.dir))
      } catch (thrown) {
        // Another process was just as quick.
        if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown
      }
    },
    inspect: () => {
      const stats = statSync(filePath, { bigint: true, throwIfNoEntry: false })
      if (stats === undefined)
        return { stampedSeq: undefined, bookmark: undefined, identity: undefined, writtenAtMs: 0, bytes: 0 }
      const identity = identityOf(stats)
      const [seq, stamped, format, ...at] = firstBytes(stampPath).split(' ')
      const stampedSeq = stamped === identity ? Number(seq) : undefined
      const isKnown = stampedSeq !== undefined && Number(format) === queueFileFormat && at.pop() === ''
      const bookmark = isKnown && at.length > 0 ? { seq: stampedSeq, at: at.join(' ') } : undefined
      return { stampedSeq, bookmark, identity, writtenAtMs: Number(stats.mtimeMs), bytes: Number(stats.size) }
    },
    read: () => {
      // The identity is taken first: if the file changes in between, it is looked at once more.
      const stats = statSync(filePath, { bigint: true, throwIfNoEntry: false })
      const nothing = { identity: stats === undefined ? '' : identityOf(stats), seq: undefined, empty: true }
      // A named pipe would have its reader wait for somebody to write.
      if (stats?.isFile() !== true) return nothing
      const size = Number(stats.size)
      if (size <= headBytes && firstBytes(filePath).trim() === '') return nothing
      const seq = /"seq": (\d+)\n\}\n$/.exec(bytesAt(filePath, Math.max(0, size - headBytes)))?.[1]
      return { ...nothing, seq: seq === undefined ? undefined : Number(seq), empty: false }
    },
    ownText: identity => ownText(filePath, identity),
    holds: give => withOpen(filePath, O_RDONLY | O_NONBLOCK, fd => holdsText(fd, give)),
    write: (give, { seq, at }, maxBytes) => {
      const stats = writeAnew(tempPath, give, maxBytes)
      if (stats === undefined) return undefined
      renameSync(tempPath, filePath)
      stamp(seq, identityOf(stats), at)
      return Number(stats.size)
    },
    stamp,
    forgetStamp: () => rmSync(stampPath, { force: true }),
    keepEdited: () => {
      const keptAs = join(dir, editedFileName)
      if (existsSync(keptAs)) renameSync(keptAs, freeName(dir))
      renameSync(filePath, keptAs)
      return keptAs
    },
  }
}

type Stats = { readonly ino: bigint; readonly size: bigint; readonly mtimeNs: bigint }

const identityOf = ({ ino, size, mtimeNs }: Stats): string => `${ino}:${size}:${mtimeNs}`

/** Writes a text to a new file; undefined: it has more than `maxBytes`, and there is no file. */
const writeAnew = (path: string, give: GiveParts, maxBytes: number): Stats | undefined => {
  const fd = openAnew(path)
  let stats
  try {
    // A file is the same to `stat` under another name.
    if (writeText(fd, give, maxBytes)) stats = fstatSync(fd, { bigint: true })
  } finally {
    closeSync(fd)
  }
  if (stats === undefined) unlinkSync(path)
  return stats
}

/** Opens a new file of our own. Whatever has its name, a link to elsewhere for one, is removed and not followed. */
const openAnew = (path: string): number => {
  try {
    return openSync(path, O_WRONLY | O_CREAT | O_EXCL, 0o666)
  } catch (thrown) {
    if (codeOf(thrown) !== 'EEXIST') throw thrown
    rmSync(path, { force: true })
    return openSync(path, O_WRONLY | O_CREAT | O_EXCL, 0o666)
  }
}

/** Not `rmSync`, which takes a millisecond to load what it needs for folders. */
const removeIfThere = (path: string): void => {
  try {
    unlinkSync(path)
  } catch (thrown) {
    if (codeOf(thrown) !== 'ENOENT') throw thrown
  }
}

/** A longer text costs more memory than a command should take. */
const longestGoneOnFrom = 1 << 23

const ownText = (path: string, identity: string): string | undefined =>
  withOpen(path, O_RDONLY | O_NONBLOCK, fd => {
    const stats = fstatSync(fd, { bigint: true })
    if (identityOf(stats) !== identity || stats.size > longestGoneOnFrom) return undefined
    const bytes = Buffer.allocUnsafe(Number(stats.size))
    const length = readSync(fd, bytes, 0, bytes.length, 0)
    // What was not synced comes back as zeros after a power cut.
    return length === bytes.length && !bytes.includes(0) ? bytes.toString() : undefined
  })

const freeName = (dir: string): string => {
  for (let n = 1; ; n += 1) {
    const name = join(dir, `queue.edited.${n}.json`)
    if (!existsSync(name)) return name
  }
}
