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
import type { LogClock, Move, WorkspaceSettings } from '@claimlog/domain'
import { openRegular } from './block-file.ts'
import { isAnyStoreName, isStoreName, manifestName, temporaryManifestName } from './file-names.ts'
import type { Totals } from './stored-table.ts'
import type { Tree } from './tree.ts'
import { xxHash32 } from './xx-hash.ts'

/** The identity of a saved state: the events up to `seq`, at the log cursor `at`. */
export type CheckpointHead = {
  readonly workspace: WorkspaceSettings
  readonly seq: number
  readonly time: string
  readonly lineTime: string
  readonly clock: LogClock
  readonly moved: Move | undefined
  /** The location of the log cursor at `seq`: it identifies the history up to there. */
  readonly at: string
}

/**
 * The content of `checkpoint.stamp`: which state is saved, and the tree and the file that contain it. Replaced
 * atomically after the tree was written, so a process that is killed in between leaves the previous manifest and its
 * tree intact.
 */
export type CheckpointManifest = {
  readonly format: number
  /** The boot of the machine in which it was written: after the next boot, data that was not synced may be lost. */
  readonly boot: string
  readonly file: string
  readonly tree: Tree
  readonly totals: Totals
  readonly head: CheckpointHead
}

/**
 * Incremented when the stored content or its encoding changes. A checkpoint of another format is not read, but
 * replaced.
 */
export const format = 6

/** True if `dir` is a directory and not a link, which could lead anywhere: only then are derived files kept in it. */
export const isRealFolder = (dir: string): boolean => lstatSync(dir, { throwIfNoEntry: false })?.isDirectory() === true

/** The text of the manifest; undefined: there is none. */
export const readManifest = (dir: string): string | undefined => {
  let fd: number
  try {
    fd = openRegular(join(dir, manifestName), constants.O_RDONLY)
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

/** Replaces the manifest atomically and returns its text. */
export const writeManifest = (dir: string, manifest: CheckpointManifest): string => {
  const text = formatManifest(manifest)
  const path = join(dir, temporaryManifestName)
  rmSync(path, { force: true })
  writeFileSync(path, text, { flag: 'wx' })
  renameSync(path, join(dir, manifestName))
  return text
}

/** Removes the manifest: no process opens the checkpoint any more, and the next save starts a new one. */
export const removeManifest = (dir: string): void => rmSync(join(dir, manifestName), { force: true })

/** The manifest in `text`; or the reason, as a clause, why it cannot be trusted. */
export const parseTrustedManifest = (text: string): CheckpointManifest | string => {
  const manifest = parseManifest(text)
  if (manifest === undefined) return 'checkpoint.stamp is damaged'
  if (manifest.format !== format) return 'it was written by another version of claimlog'
  if (text !== formatManifest(manifest)) return 'checkpoint.stamp is damaged'
  if (manifest.boot !== readBootId()) return 'the machine has been restarted since'
  if (!isStoreName(manifest.file)) return 'checkpoint.stamp names no checkpoint file'
  return manifest
}

/** The text of a manifest. It ends with a checksum over the text before it. */
const formatManifest = (manifest: CheckpointManifest): string => {
  const json = JSON.stringify({ ...manifest, checksum: undefined })
  const bytes = Buffer.from(json)
  const words = new Int32Array(Math.ceil(bytes.length / Int32Array.BYTES_PER_ELEMENT))
  bytes.copy(new Uint8Array(words.buffer))
  return `${json.slice(0, -1)},"checksum":${xxHash32(words)}}\n`
}

const parseManifest = (text: string): CheckpointManifest | undefined => {
  try {
    const manifest = JSON.parse(text) as CheckpointManifest | null
    return typeof manifest === 'object' && manifest !== null ? manifest : undefined
  } catch {
    return undefined
  }
}

/**
 * Removes all files of blocks except `keptFile`, as far as possible. A process that has one open can still read it.
 */
export const removeOtherFiles = (dir: string, keptFile: string): void => {
  for (const name of readdirSync(dir))
    if (isAnyStoreName(name) && name !== keptFile)
      try {
        unlinkSync(join(dir, name))
      } catch {
        // It belongs to another user, or is not a file: then it stays, and is never read.
      }
}

/** The boot id on a machine that does not have one: there everything is synced. */
const unknownBoot = 'synced'

/** The id of the current boot of the machine. */
export const readBootId = (): string => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  } catch {
    return unknownBoot
  }
}

/** True if writes must be synced, because after a power cut a lost write would not be noticed. */
export const mustSync = (): boolean => readBootId() === unknownBoot
