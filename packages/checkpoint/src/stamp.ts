import {
  closeSync,
  constants,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { LogClock, Workspace } from '@claimlog/domain'
import { openRegular } from './block-file.ts'
import { isAnyStoreName, isStoreName, stampName, temporaryStampName } from './names.ts'
import type { Totals } from './stored-table.ts'
import type { Tree } from './tree.ts'
import { xxHash32 } from './xx-hash.ts'

/** Which state it is: that of the events up to `seq`, where the log has the bookmark `at`. */
export type Head = {
  readonly workspace: Workspace
  readonly seq: number
  readonly time: string
  readonly lineTime: string
  readonly clock: LogClock
  /** The log's bookmark at `seq`: it names the history up to there. */
  readonly at: string
}

/**
 * What stands beside a checkpoint's file: of which state it is, and the tree in the file that holds it. It is put in place
 * at once, after the tree was written, so whoever is killed on the way leaves the stamp before, and its tree as it was.
 */
export type Stamp = {
  readonly format: number
  /** Which start of the machine it was written in: what was not synced may be lost with the next. */
  readonly boot: string
  readonly file: string
  readonly tree: Tree
  readonly totals: Totals
  readonly head: Head
}

/** Changes with what is stored, and how. Another format is not read, and made anew. */
export const format = 4

/** Whether what is derived may be kept at `dir`: a link would lead to who knows where. */
export const isRealFolder = (dir: string): boolean => lstatSync(dir, { throwIfNoEntry: false })?.isDirectory() === true

/** The stamp as text; undefined: there is none. */
export const readStamp = (dir: string): string | undefined => {
  let fd: number
  try {
    fd = openRegular(join(dir, stampName), constants.O_RDONLY)
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw thrown
  }
  try {
    return readFileSync(fd, 'utf8')
  } finally {
    closeSync(fd)
  }
}

/** Puts a stamp in the place of the old one at once, and answers with its text. */
export const writeStamp = (dir: string, stamp: Stamp): string => {
  const text = stampText(stamp)
  const path = join(dir, temporaryStampName)
  rmSync(path, { force: true })
  writeFileSync(path, text, { flag: 'wx' })
  renameSync(path, join(dir, stampName))
  return text
}

/** From here on nobody opens the checkpoint, and the next one that is saved is a new one. */
export const removeStamp = (dir: string): void => rmSync(join(dir, stampName), { force: true })

/** The stamp that `text` holds; a clause that says why it cannot be trusted where it cannot. */
export const trustedStamp = (text: string): Stamp | string => {
  const stamp = parsed(text)
  if (stamp === undefined) return 'its stamp is damaged'
  if (stamp.format !== format) return 'another version of claimlog made it'
  if (text !== stampText(stamp)) return 'its stamp is damaged'
  if (stamp.boot !== bootId()) return 'the machine was started anew since'
  if (!isStoreName(stamp.file)) return 'its stamp names no file of a checkpoint'
  return stamp
}

/** Ends in a checksum of what stands before it. */
const stampText = (stamp: Stamp): string => {
  const said = JSON.stringify({ ...stamp, checksum: undefined })
  const bytes = Buffer.from(said)
  const words = new Int32Array(Math.ceil(bytes.length / Int32Array.BYTES_PER_ELEMENT))
  bytes.copy(new Uint8Array(words.buffer))
  return `${said.slice(0, -1)},"checksum":${xxHash32(words)}}\n`
}

const parsed = (text: string): Stamp | undefined => {
  try {
    const stamp = JSON.parse(text) as Stamp | null
    return typeof stamp === 'object' && stamp !== null ? stamp : undefined
  } catch {
    return undefined
  }
}

/** Takes away all files of checkpoints but that of `kept`, as far as they can be. Those who have one open go on with it. */
export const removeOtherFiles = (dir: string, kept: string): void => {
  for (const name of readdirSync(dir))
    if (isAnyStoreName(name) && name !== kept)
      try {
        unlinkSync(join(dir, name))
      } catch {
        // It belongs to somebody else, or is no file: then it stays, and nobody reads it.
      }
}

/** Stands for the start of a machine that does not name it: there everything is synced. */
const unknownBoot = 'synced'

/** Which start of the machine this is. */
export const bootId = (): string => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  } catch {
    return unknownBoot
  }
}

/** Whether what is written must be synced, as nothing would tell after a power cut that it was not. */
export const mustSync = (): boolean => bootId() === unknownBoot
