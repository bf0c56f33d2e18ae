import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { lockName, stampName } from '@claimlog/checkpoint/names'
import type { Bookmark, IoFailed } from '@claimlog/event-log'
import { codeOf, firstBytes, withOpen } from '@claimlog/event-log-file'
import { type GiveParts, writeText } from './text-in-parts.ts'
import { queueFileFormat } from './text-update.ts'

export const queueFileName = 'queue.json'
/** Where an edit that somebody made by hand is kept. */
export const editedFileName = 'queue.edited.json'
/** Where the file is kept that shows more than the log has, which was put back. */
export const aheadFileName = 'queue.ahead.json'
/** What is derived and not `queue.json`, by its path in the workspace; can be deleted at any time. */
const derivedDirName = 'derived'
// Not by `join`, which every command would wait for, seven times.
export const derivedFiles = {
  dir: derivedDirName,
  lock: `${derivedDirName}/queue.lock`,
  stamp: `${derivedDirName}/queue.stamp`,
  temporary: `${derivedDirName}/queue.json.tmp`,
  refresher: `${derivedDirName}/queue.refresher`,
  size: `${derivedDirName}/queue.size`,
  untracked: `${derivedDirName}/git.untracked`,
  checkpointStamp: `${derivedDirName}/${stampName}`,
  checkpointLock: `${derivedDirName}/${lockName}`,
  /** A folder: the names of agents. */
  agents: `${derivedDirName}/agents`,
} as const

/**
 * Why nothing may be written in the folder for what is derived: a link in its place leads out of the workspace, and is not
 * followed. undefined: it is a folder, or is still to be made.
 */
export const derivedFolderProblem = (dir: string): IoFailed | undefined => {
  const path = join(dir, derivedFiles.dir)
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined || stats.isDirectory()) return undefined
  const what = stats.isSymbolicLink() ? 'is a symbolic link, which is not followed' : 'is no directory'
  const detail = `${derivedFiles.dir} ${what}; move it away`
  return { failure: 'IoFailed', path, operation: 'open', code: 'ENOTDIR', detail }
}

/** What the log was when `queue.json` was written last: up to `seq`, its place `at` there, and whose it was. */
export type LastSeen = Bookmark & { readonly workspace: string | undefined }

/** The file as `stat` sees it. `stampedSeq`: it is as we wrote it, at that seq. `identity`: undefined where there is none. */
export type Inspected = {
  readonly stampedSeq: number | undefined
  /** The place that the log had when we wrote it; undefined: not known, or its bytes are those of another format. */
  readonly bookmark: Bookmark | undefined
  /** What the stamp says of the log, even if the file is not as we wrote it. */
  readonly lastSeen: LastSeen | undefined
  readonly identity: string | undefined
  /** When it was written, in milliseconds of the system's clock. */
  readonly writtenAtMs: number
  readonly bytes: number
}

/**
 * A mark in `derived/` that says that the text was found too large to be written. Nothing else knows it without making
 * the text: the file that is there is of before.
 */
export type SizeMark = {
  readonly size: 'large' | 'huge'
  /** How many tasks were open then: once there are clearly fewer, it is worth another try. */
  readonly open: number
  /** Whether a person was told. */
  readonly told: boolean
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
  /** The text of the file that has this identity; undefined: it has no longer, or is too long to be gone on from. */
  readonly ownText: (identity: string) => string | undefined
  /**
   * Puts a text in the file's place at once, so that no reader ever sees a part of it, and answers with its bytes.
   * undefined: it has more than `maxBytes`, and the file is as it was.
   */
  readonly write: (text: string | GiveParts, at: LastSeen, maxBytes: number) => number | undefined
  /** Says of the file that has this identity that we wrote it, at `seq`. */
  readonly stamp: (seq: number, identity: string) => void
  /** The file is to be judged by its text, whatever the stamp says. */
  readonly forgetStamp: () => void
  /** Keeps the file under another name, an older one of that name under a number, and answers with its path. */
  readonly keepAs: (name: typeof editedFileName | typeof aheadFileName) => string
  /** The mark of a file that is too large. One that is missing or damaged costs a try, and nothing else. */
  readonly readSizeMark: () => SizeMark | undefined
  /** undefined: takes the mark away. */
  readonly markSize: (mark: SizeMark | undefined) => void
}

const { O_CREAT, O_EXCL, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants

export const queueFileOnDisk = (dir: string): QueueFileOnDisk => {
  const filePath = join(dir, queueFileName)
  const stampPath = join(dir, derivedFiles.stamp)
  const tempPath = join(dir, derivedFiles.temporary)
  const sizePath = join(dir, derivedFiles.size)

  const stamp = (seq: number, identity: string, at = '', workspace = ''): void => {
    // Ends in a space, so that one that was cut off does not pass for whole.
    writeSmall(stampPath, `${seq} ${identity} ${queueFileFormat} ${at === '' ? '' : `${at} ${wordOf(workspace)}`} `)
  }

  return {
    path: filePath,
    prepare: () => {
      try {
        mkdirSync(join(dir, derivedFiles.dir))
      } catch (thrown) {
        // Another process was just as quick.
        if (codeOf(thrown) !== 'EEXIST') throw thrown
      }
    },
    inspect: () => {
      const stamped = readStamp(stampPath)
      const stats = statSync(filePath, { bigint: true, throwIfNoEntry: false })
      const lastSeen = stamped?.lastSeen
      if (stats === undefined)
        return { stampedSeq: undefined, bookmark: undefined, lastSeen, identity: undefined, writtenAtMs: 0, bytes: 0 }
      const identity = identityOf(stats)
      const stampedSeq = stamped?.identity === identity ? stamped.seq : undefined
      const bookmark = stampedSeq === undefined ? undefined : lastSeen
      const [writtenAtMs, bytes] = [Number(stats.mtimeMs), Number(stats.size)]
      return { stampedSeq, bookmark, lastSeen, identity, writtenAtMs, bytes }
    },
    ownText: identity => ownText(filePath, identity),
    write: (text, { seq, at, workspace }, maxBytes) => {
      const stats = writeAnew(tempPath, text, maxBytes)
      if (stats === undefined) return undefined
      renameSync(tempPath, filePath)
      stamp(seq, identityOf(stats), at, workspace)
      return Number(stats.size)
    },
    stamp,
    forgetStamp: () => {
      const { seq, at, workspace } = readStamp(stampPath)?.lastSeen ?? {}
      // What it says of the log is still true.
      if (seq === undefined) rmSync(stampPath, { force: true })
      else stamp(seq, 'forgotten', at, workspace)
    },
    keepAs: name => {
      const keptAs = join(dir, name)
      if (existsSync(keptAs)) renameSync(keptAs, freeName(keptAs))
      renameSync(filePath, keptAs)
      return keptAs
    },
    // Nearly always there is none: asking costs a tenth of an error that is thrown.
    readSizeMark: () => (existsSync(sizePath) ? parseSizeMark(firstBytes(sizePath)) : undefined),
    markSize: mark => {
      if (mark !== undefined) writeSmall(sizePath, `${mark.size} ${mark.open} ${mark.told ? 'told' : 'untold'} `)
      else if (existsSync(sizePath)) removeIfThere(sizePath)
    },
  }
}

const parseSizeMark = (text: string): SizeMark | undefined => {
  const [, size, open, told] = /^(large|huge) (\d{1,15}) (told|untold) $/.exec(text) ?? []
  return size === undefined ? undefined : { size: size as SizeMark['size'], open: Number(open), told: told === 'told' }
}

/** The stamp beside `queue.json`; undefined: there is none, or it makes no sense. */
const readStamp = (
  path: string,
): { readonly seq: number; readonly identity: string; readonly lastSeen: LastSeen | undefined } | undefined => {
  const [seq, identity = '', format, lineOffset = '', offset, hash, workspace = '', end] = firstBytes(path).split(' ')
  if (seq === undefined || !/^\d{1,15}$/.test(seq)) return undefined
  const isKnown = Number(format) === queueFileFormat && end === ''
  const at = `${lineOffset} ${offset} ${hash}`
  const whose = workspace === '' ? undefined : workspace
  return { seq: Number(seq), identity, lastSeen: isKnown ? { seq: Number(seq), at, workspace: whose } : undefined }
}

/** A workspace's id as all of ours are. */
const plainId = /^[\w-]{1,64}$/

/** What a stamp says of a workspace; '': its id does not fit into one. */
const wordOf = (id: string): string => (plainId.test(id) ? id : '')

type Stats = { readonly ino: bigint; readonly size: bigint; readonly mtimeNs: bigint }

export const identityOf = ({ ino, size, mtimeNs }: Stats): string => `${ino}:${size}:${mtimeNs}`

/** Writes a text to a new file; undefined: it has more than `maxBytes`, and there is no file. */
const writeAnew = (path: string, text: string | GiveParts, maxBytes: number): Stats | undefined => {
  const fd = openAnew(path)
  let stats
  try {
    const isWhole = typeof text === 'string' ? writeString(fd, text, maxBytes) : writeText(fd, text, maxBytes)
    // A file is the same to `stat` under another name.
    if (isWhole) stats = fstatSync(fd, { bigint: true })
  } finally {
    closeSync(fd)
  }
  if (stats === undefined) unlinkSync(path)
  return stats
}

/** Opens a new file of our own. Whatever has its name, a link to elsewhere for one, is removed and not followed. */
const openAnew = (path: string): number => {
  for (;;)
    try {
      return openSync(path, O_WRONLY | O_CREAT | O_EXCL, 0o666)
    } catch (thrown) {
      if (codeOf(thrown) !== 'EEXIST') throw thrown
      removeIfThere(path)
    }
}

/** Writes a small file. Not all who write it have a lock: if another process was just as quick, the later one counts. */
const writeSmall = (path: string, text: string): void => {
  removeIfThere(path)
  writeAnew(path, text, Infinity)
}

/** Writes a text to an open file; false: it has more than `maxBytes`, and nothing is written. */
const writeString = (fd: number, text: string, maxBytes: number): boolean => {
  const bytes = Buffer.from(text)
  if (bytes.length > maxBytes) return false
  for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written)
  return true
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

/** `queue.edited.json` under the first number that is free: `queue.edited.1.json`. */
const freeName = (path: string): string => {
  for (let n = 1; ; n += 1) {
    const name = path.replace(/json$/, `${n}.json`)
    if (!existsSync(name)) return name
  }
}
