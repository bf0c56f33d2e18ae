import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { TaskId } from '@claimlog/domain'
import type { StoredTable, TableChanges } from '@claimlog/domain/table'
import { CheckpointDamaged } from './damage.ts'
import { invalidateOnReadError } from './invalidate-on-read-error.ts'
import { createStoreName } from './file-names.ts'
import { saveChanges, type TaskOffsets } from './save-changes.ts'
import {
  readBootId,
  format,
  type CheckpointHead,
  isRealFolder,
  mustSync,
  readManifest,
  removeOtherFiles,
  removeManifest,
  type CheckpointManifest,
  parseTrustedManifest,
  writeManifest,
} from './manifest.ts'
import { beginStoreChange, copyStore, openStore } from './store.ts'
import { zeroTotals, readStoredOffsets, storedTable } from './stored-table.ts'
import type { Tree } from './tree.ts'

/** A saved state, open for reading. It does not change, even if another process saves a newer one. */
export type Checkpoint = {
  readonly head: CheckpointHead
  /** Throws `CheckpointDamaged` if it reads something other than what was written. So does `readOffsets`. */
  readonly base: StoredTable
  /** The offsets of a task's events up to `head.seq`, in order. */
  readonly readOffsets: (id: TaskId) => ReadonlyArray<number>
  /** Reads every block, and throws `CheckpointDamaged` at damage. */
  readonly verify: () => void
  /** True if damage was read: the state in memory that overlays this checkpoint must not be used any more. */
  readonly isDamaged: () => boolean
  readonly close: () => void
}

/** The manifest as it was read, and the checkpoint or the reason why it is not trusted. */
export type CheckpointLookup = {
  readonly manifestText: string | undefined
  readonly checkpoint?: Checkpoint
  /** The reason why the existing checkpoint is not trusted; undefined if there is none. */
  readonly untrustedReason?: string
}

/**
 * The number of times the file named by a manifest may be missing, because another process has saved a newer one,
 * before that counts as damage.
 */
const lookupsMax = 3

/** Opens the checkpoint in the folder `dir`. Never fails: a checkpoint with any defect is not trusted. */
export const openCheckpoint = (dir: string): CheckpointLookup => {
  let lookup = tryOpen(dir)
  for (
    let lookups = 1;
    lookups < lookupsMax && lookup.untrustedReason !== undefined && isReplaced(dir, lookup);
    lookups += 1
  )
    lookup = tryOpen(dir)
  return lookup
}

const tryOpen = (dir: string): CheckpointLookup => {
  let manifestText: string | undefined
  try {
    if (!isRealFolder(dir)) return { manifestText }
    manifestText = readManifest(dir)
    if (manifestText === undefined) return { manifestText }
    const trusted = parseTrustedManifest(manifestText)
    return typeof trusted === 'string'
      ? { manifestText, untrustedReason: trusted }
      : { manifestText, checkpoint: openTrusted(dir, trusted, manifestText) }
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException
    return { manifestText, untrustedReason: code === 'ENOENT' ? 'its file is missing' : message }
  }
}

const isReplaced = (dir: string, { manifestText }: CheckpointLookup): boolean => {
  try {
    return readManifest(dir) !== manifestText
  } catch {
    return false
  }
}

const openTrusted = (
  dir: string,
  { file, tree, totals, head }: CheckpointManifest,
  manifestText: string,
): Checkpoint => {
  const store = openStore(join(dir, file), tree)
  let isDamaged = false
  const invalidate = (): void => {
    isDamaged = true
    removeIfUnchanged(dir, manifestText)
  }
  return {
    head,
    base: invalidateOnReadError(storedTable(store, totals), invalidate),
    readOffsets: id => {
      try {
        return readStoredOffsets(store, id)
      } catch (thrown) {
        invalidate()
        throw thrown
      }
    },
    verify: store.verify,
    isDamaged: () => isDamaged,
    close: store.close,
  }
}

/** Removes the manifest, unless another process has replaced it, so that the next command makes a new checkpoint. */
const removeIfUnchanged = (dir: string, manifestText: string): void => {
  try {
    if (isRealFolder(dir) && readManifest(dir) === manifestText) removeManifest(dir)
  } catch {
    // A process without write permission cannot remove it for the others.
  }
}

/** The state to save at `head`, as the changes since the checkpoint that it started from. */
export type CheckpointSnapshot = {
  readonly head: CheckpointHead
  readonly changes: TableChanges
  readonly offsets: Iterable<TaskOffsets>
}

/**
 * Saves a state that overlays the checkpoint in `lookup`, and returns the new checkpoint. undefined: another process
 * has saved or removed it meanwhile, and nothing was changed. Must not run concurrently, in any process. Throws if the
 * disk fails; the previous checkpoint is then intact.
 *
 * A process may be killed at any instruction: what it wrote has no effect until the manifest names it.
 */
export const saveCheckpoint = (
  dir: string,
  lookup: CheckpointLookup,
  snapshot: CheckpointSnapshot,
): CheckpointLookup | undefined => {
  if (!isRealFolder(dir) || readManifest(dir) !== lookup.manifestText) return undefined
  const before = lookup.checkpoint === undefined ? undefined : parseTrustedManifest(lookup.manifestText ?? '')
  if (typeof before === 'string') return undefined
  const newFileNames: Array<string> = []
  const nameNewFile = (): string => {
    const name = createStoreName(globalThis.crypto.getRandomValues(new Uint8Array(4)))
    newFileNames.push(name)
    return name
  }
  try {
    const savedManifest = writeTree(dir, before, snapshot, nameNewFile)
    const manifestText = writeManifest(dir, savedManifest)
    removeOtherFiles(dir, savedManifest.file)
    const checkpoint = openTrusted(dir, savedManifest, manifestText)
    return { manifestText, checkpoint }
  } catch (thrown) {
    for (const name of newFileNames) rmSync(join(dir, name), { force: true })
    if (thrown instanceof CheckpointDamaged && lookup.manifestText !== undefined)
      removeIfUnchanged(dir, lookup.manifestText)
    throw thrown
  }
}

/** Writes the tree of the saved state and returns its manifest. */
const writeTree = (
  dir: string,
  before: CheckpointManifest | undefined,
  { head, changes, offsets }: CheckpointSnapshot,
  nameNewFile: () => string,
): CheckpointManifest => {
  const isSynced = mustSync()
  const change = beginStoreChange(
    before === undefined ? undefined : { path: join(dir, before.file), tree: before.tree },
  )
  try {
    const { head: from, totals: storedTotals } = before ?? nothingStored
    const storedState = { seq: from.seq, totals: storedTotals, get: change.before.get }
    const totals = saveChanges(storedState, change.writer, changes, offsets)
    const file = before?.file ?? nameNewFile()
    const tree = change.write(join(dir, file), isSynced)
    return { format, boot: readBootId(), ...compactIfLarge(dir, file, tree, isSynced, nameNewFile), totals, head }
  } finally {
    change.close()
  }
}

const nothingStored = { head: { seq: 0 }, totals: zeroTotals } as const

/** A file may contain this many bytes of dead blocks, in addition to as many as it has live ones. */
const wasteBytesMax = 1 << 20

/**
 * Writes a new file when more than half of a file belongs to older trees: that costs each change about as much as it
 * wrote.
 */
const compactIfLarge = (
  dir: string,
  file: string,
  tree: Tree,
  isSynced: boolean,
  nameNewFile: () => string,
): Pick<CheckpointManifest, 'file' | 'tree'> => {
  const path = join(dir, file)
  if (statSync(path).size <= 2 * tree.liveBytes + wasteBytesMax) return { file, tree }
  const next = nameNewFile()
  return { file: next, tree: copyStore(path, join(dir, next), tree, isSynced) }
}
