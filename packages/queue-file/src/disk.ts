import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { lockName, manifestName } from '@claimlog/checkpoint/names'
import type { LogCursor, IoFailed } from '@claimlog/event-log'
import { createFile, readHead, removeIfExists, systemErrorCode, withDescriptor } from '@claimlog/event-log-file'
import { type TextSource, writeText } from './chunked-text.ts'
import { queueFileFormat } from './update-text.ts'

export const queueFileName = 'queue.json'
/** The name under which a manual edit is kept. */
export const editedFileName = 'queue.edited.json'
/** The name under which a file is kept if it is ahead of the log, because the log was restored. */
export const aheadFileName = 'queue.ahead.json'
/** The folder of the derived files other than `queue.json`; it can be deleted at any time. */
const derivedDirName = 'derived'
// Not with `join`: every command would pay for seven calls.
export const derivedFiles = {
  dir: derivedDirName,
  lock: `${derivedDirName}/queue.lock`,
  stamp: `${derivedDirName}/queue.stamp`,
  temporary: `${derivedDirName}/queue.json.tmp`,
  refresher: `${derivedDirName}/queue.refresher`,
  size: `${derivedDirName}/queue.size`,
  untracked: `${derivedDirName}/git.untracked`,
  checkpointManifest: `${derivedDirName}/${manifestName}`,
  checkpointLock: `${derivedDirName}/${lockName}`,
  /** A folder: the names of agents. */
  agents: `${derivedDirName}/agents`,
} as const

/**
 * Returns why nothing may be written in the folder of derived files: a link there leads out of the workspace, and is
 * not followed. undefined: it is a folder, or does not exist yet.
 */
export const checkDerivedFolder = (dir: string): IoFailed | undefined => {
  const path = join(dir, derivedFiles.dir)
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined || stats.isDirectory()) return undefined
  const reason = stats.isSymbolicLink() ? 'is a symbolic link, which is not followed' : 'is not a directory'
  const detail = `${derivedFiles.dir} ${reason}; move it away`
  return { failure: 'IoFailed', path, operation: 'open', code: 'ENOTDIR', detail }
}

/** The log when `queue.json` was last written: up to `seq`, at `location`, and its workspace. */
export type LastSeenLog = LogCursor & { readonly workspace: string | undefined }

/**
 * The file according to `stat`. `stampedSeq`: unchanged since we wrote it, at that seq. `identity`: undefined if there
 * is no file.
 */
export type FileSnapshot = {
  readonly stampedSeq: number | undefined
  /** The log cursor when we wrote the file; undefined: not known, or its bytes have another format. */
  readonly cursor: LogCursor | undefined
  /** The log according to the stamp, even if the file has changed since we wrote it. */
  readonly lastSeen: LastSeenLog | undefined
  readonly identity: string | undefined
  /** When it was written, in milliseconds of the system clock. */
  readonly writtenAtMs: number
  readonly bytes: number
}

/**
 * A mark in `derived/` that the text was too large to be written. Nothing else shows that without making the text: the
 * existing file is older.
 */
export type SizeMark = {
  readonly size: 'large' | 'huge'
  /** Number of open tasks then: once there are clearly fewer, another try is worthwhile. */
  readonly open: number
  /** True if a user was notified. */
  readonly isNotified: boolean
}

/**
 * `queue.json` and its stamp, which records our last write: at which seq, and the output of `stat` after it. A file
 * with the same `stat` was not edited, and need not be read.
 */
export type QueueFileOnDisk = {
  readonly path: string
  /** Creates the folder of derived files. */
  readonly makeFolder: () => void
  readonly inspect: () => FileSnapshot
  /** The text of the file with this identity; undefined: it has changed, or is too long to be updated. */
  readonly ownText: (identity: string) => string | undefined
  /**
   * Replaces the file with a text atomically, so that no reader sees a part of it, and returns its size in bytes.
   * undefined: it is larger than `bytesMax`, and the file is unchanged.
   */
  readonly write: (text: string | TextSource, lastSeen: LastSeenLog, bytesMax: number) => number | undefined
  /** Records that we wrote the file with this identity, at `seq`. */
  readonly stamp: (seq: number, identity: string) => void
  /** Forces a check of the file by its text, whatever the stamp records. */
  readonly forgetStamp: () => void
  /** Renames the file, after renaming an older file of that name to a numbered one, and returns its path. */
  readonly renameFile: (name: typeof editedFileName | typeof aheadFileName) => string
  /** The mark of a file that is too large. A missing or damaged mark costs one try, and nothing else. */
  readonly readSizeMark: () => SizeMark | undefined
  /** undefined: removes the mark. */
  readonly markSize: (mark: SizeMark | undefined) => void
}

const { O_NONBLOCK, O_RDONLY } = constants

export const queueFileOnDisk = (dir: string): QueueFileOnDisk => {
  const filePath = join(dir, queueFileName)
  const stampPath = join(dir, derivedFiles.stamp)
  const tempPath = join(dir, derivedFiles.temporary)
  const sizePath = join(dir, derivedFiles.size)

  const stamp = (seq: number, identity: string, location = '', workspace = ''): void => {
    // Ends in a space, so that a truncated stamp is not taken for a complete one.
    writeSmall(
      stampPath,
      `${seq} ${identity} ${queueFileFormat} ${location === '' ? '' : `${location} ${workspaceWord(workspace)}`} `,
    )
  }

  return {
    path: filePath,
    makeFolder: () => {
      try {
        mkdirSync(join(dir, derivedFiles.dir))
      } catch (thrown) {
        // Another process was faster.
        if (systemErrorCode(thrown) !== 'EEXIST') throw thrown
      }
    },
    inspect: () => {
      const stampContent = readStamp(stampPath)
      const stats = statSync(filePath, { bigint: true, throwIfNoEntry: false })
      const lastSeen = stampContent?.lastSeen
      if (stats === undefined)
        return { stampedSeq: undefined, cursor: undefined, lastSeen, identity: undefined, writtenAtMs: 0, bytes: 0 }
      const identity = fileIdentity(stats)
      const stampedSeq = stampContent?.identity === identity ? stampContent.seq : undefined
      const cursor = stampedSeq === undefined ? undefined : lastSeen
      const [writtenAtMs, bytes] = [Number(stats.mtimeMs), Number(stats.size)]
      return { stampedSeq, cursor, lastSeen, identity, writtenAtMs, bytes }
    },
    ownText: identity => ownText(filePath, identity),
    write: (text, { seq, location, workspace }, bytesMax) => {
      const stats = writeNewFile(tempPath, text, bytesMax)
      if (stats === undefined) return undefined
      renameSync(tempPath, filePath)
      stamp(seq, fileIdentity(stats), location, workspace)
      return Number(stats.size)
    },
    stamp,
    forgetStamp: () => {
      const { seq, location, workspace } = readStamp(stampPath)?.lastSeen ?? {}
      // What the stamp records about the log is still true.
      if (seq === undefined) rmSync(stampPath, { force: true })
      else stamp(seq, 'forgotten', location, workspace)
    },
    renameFile: name => {
      const keptPath = join(dir, name)
      if (existsSync(keptPath)) renameSync(keptPath, freeName(keptPath))
      renameSync(filePath, keptPath)
      return keptPath
    },
    // Nearly always there is none: checking first costs a tenth of a thrown error.
    readSizeMark: () => (existsSync(sizePath) ? parseSizeMark(readHead(sizePath)) : undefined),
    markSize: mark => {
      if (mark !== undefined) writeSmall(sizePath, `${mark.size} ${mark.open} ${mark.isNotified ? 'told' : 'untold'} `)
      else if (existsSync(sizePath)) removeIfExists(sizePath)
    },
  }
}

const parseSizeMark = (text: string): SizeMark | undefined => {
  const [, size, open, notified] = /^(large|huge) (\d{1,15}) (told|untold) $/.exec(text) ?? []
  return size === undefined
    ? undefined
    : { size: size as SizeMark['size'], open: Number(open), isNotified: notified === 'told' }
}

/** The stamp of `queue.json`; undefined: there is none, or it is invalid. */
const readStamp = (
  path: string,
): { readonly seq: number; readonly identity: string; readonly lastSeen: LastSeenLog | undefined } | undefined => {
  const [seq, identity = '', format, lineOffset = '', offset, hash, workspace = '', end] = readHead(path).split(' ')
  if (seq === undefined || !/^\d{1,15}$/.test(seq)) return undefined
  const isCurrentFormat = Number(format) === queueFileFormat && end === ''
  const location = `${lineOffset} ${offset} ${hash}`
  const workspaceId = workspace === '' ? undefined : workspace
  return {
    seq: Number(seq),
    identity,
    lastSeen: isCurrentFormat ? { seq: Number(seq), location, workspace: workspaceId } : undefined,
  }
}

/** The id of a workspace as claimlog generates it. */
const generatedId = /^[\w-]{1,64}$/

/** The word of a workspace in a stamp; '': its id does not fit into one. */
const workspaceWord = (id: string): string => (generatedId.test(id) ? id : '')

export const fileIdentity = ({ ino, size, mtimeNs }: FileStats): string => `${ino}:${size}:${mtimeNs}`

/** Writes a small file. Not all writers have the lock: of two at once, the later one wins. */
const writeSmall = (path: string, text: string): void => {
  removeIfExists(path)
  writeNewFile(path, text, Infinity)
}

/** Updating a longer text takes more memory than a command should use. */
const updatableBytesMax = 1 << 23

const ownText = (path: string, identity: string): string | undefined =>
  withDescriptor(path, O_RDONLY | O_NONBLOCK, fd => {
    const stats = fstatSync(fd, { bigint: true })
    if (fileIdentity(stats) !== identity || stats.size > updatableBytesMax) return undefined
    const bytes = Buffer.allocUnsafe(Number(stats.size))
    const length = readSync(fd, bytes, 0, bytes.length, 0)
    // After a power cut, unsynced bytes read as zeros.
    return length === bytes.length && !bytes.includes(0) ? bytes.toString() : undefined
  })

/** `queue.edited.json` with the first free number: `queue.edited.1.json`. */
const freeName = (path: string): string => {
  for (let n = 1; ; n += 1) {
    const name = path.replace(/json$/, `${n}.json`)
    if (!existsSync(name)) return name
  }
}

/** The result of `stat` for a file: its inode number, size and time of the last change. */
type FileStats = { readonly ino: bigint; readonly size: bigint; readonly mtimeNs: bigint }

/** Writes a text to a new file; undefined: it is larger than `bytesMax`, and there is no file. */
const writeNewFile = (path: string, text: string | TextSource, bytesMax: number): FileStats | undefined => {
  const fd = createFile(path)
  let stats
  try {
    const isWhole = typeof text === 'string' ? writeString(fd, text, bytesMax) : writeText(fd, text, bytesMax)
    // `stat` does not change when a file is renamed.
    if (isWhole) stats = fstatSync(fd, { bigint: true })
  } finally {
    closeSync(fd)
  }
  if (stats === undefined) removeIfExists(path)
  return stats
}

/** Like {@link writeText}, for a text that is in memory already. */
const writeString = (fd: number, text: string, bytesMax: number): boolean => {
  const bytes = Buffer.from(text)
  if (bytes.length > bytesMax) return false
  for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written)
  return true
}
