import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { TaskId } from '@claimlog/domain'
import type { StoredTable, TableChanges } from '@claimlog/domain/table'
import { CheckpointDamaged } from './damage.ts'
import { distrusting } from './distrusting.ts'
import { storeName } from './names.ts'
import { saveChanges, type TaskAddresses } from './save-changes.ts'
import {
  bootId,
  format,
  type Head,
  isRealFolder,
  mustSync,
  readStamp,
  removeOtherFiles,
  removeStamp,
  type Stamp,
  trustedStamp,
  writeStamp,
} from './stamp.ts'
import { changeStore, copyStore, openStore } from './store.ts'
import { noPlaces, storedAddresses, storedTable } from './stored-table.ts'
import type { Tree } from './tree.ts'

/** A saved state, open for reading. It does not change, even if another process saves a newer one. */
export type Checkpoint = {
  readonly head: Head
  /** Throws `CheckpointDamaged` if it reads something other than what was written. So does `addressesOf`. */
  readonly base: StoredTable
  /** The offsets of a task's events up to `head.seq`, in order. */
  readonly addressesOf: (id: TaskId) => ReadonlyArray<number>
  /** Reads every block, and throws `CheckpointDamaged` at damage. */
  readonly verify: () => void
  /** True if damage was read: the state in memory that overlays this checkpoint must not be used any more. */
  readonly isDamaged: () => boolean
  readonly close: () => void
}

/** The manifest as it was found, and the checkpoint or the reason why it is not trusted. */
export type Found = {
  readonly stamp: string | undefined
  readonly checkpoint?: Checkpoint
  /** The reason why the existing checkpoint is not trusted; undefined if there is none. */
  readonly distrust?: string
}

/**
 * The number of times the file named by a manifest may be missing, because another process has saved a newer one,
 * before that counts as damage.
 */
const looksMax = 3

/** Opens the checkpoint in the folder `dir`. Never fails: a checkpoint with any defect is not trusted. */
export const openCheckpoint = (dir: string): Found => {
  let found = lookAt(dir)
  for (let looks = 1; looks < looksMax && found.distrust !== undefined && isReplaced(dir, found); looks += 1)
    found = lookAt(dir)
  return found
}

const lookAt = (dir: string): Found => {
  let stamp: string | undefined
  try {
    if (!isRealFolder(dir)) return { stamp }
    stamp = readStamp(dir)
    if (stamp === undefined) return { stamp }
    const trusted = trustedStamp(stamp)
    return typeof trusted === 'string'
      ? { stamp, distrust: trusted }
      : { stamp, checkpoint: opened(dir, trusted, stamp) }
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException
    return { stamp, distrust: code === 'ENOENT' ? 'its file is missing' : message }
  }
}

const isReplaced = (dir: string, { stamp }: Found): boolean => {
  try {
    return readStamp(dir) !== stamp
  } catch {
    return false
  }
}

const opened = (dir: string, { file, tree, totals, head }: Stamp, stamp: string): Checkpoint => {
  const store = openStore(join(dir, file), tree)
  let isDamaged = false
  const distrust = (): void => {
    isDamaged = true
    takeAway(dir, stamp)
  }
  return {
    head,
    base: distrusting(storedTable(store, totals), distrust),
    addressesOf: id => {
      try {
        return storedAddresses(store, id)
      } catch (thrown) {
        distrust()
        throw thrown
      }
    },
    verify: store.verify,
    isDamaged: () => isDamaged,
    close: store.close,
  }
}

/** Removes the manifest, unless another process has replaced it, so that the next command makes a new checkpoint. */
const takeAway = (dir: string, stamp: string): void => {
  try {
    if (isRealFolder(dir) && readStamp(dir) === stamp) removeStamp(dir)
  } catch {
    // A process without write permission cannot remove it for the others.
  }
}

/** The state to save at `head`, as the changes since the checkpoint that it started from. */
export type Saving = {
  readonly head: Head
  readonly changes: TableChanges
  readonly addresses: Iterable<TaskAddresses>
}

/**
 * Saves a state that overlays the checkpoint in `lookup`, and returns the new checkpoint. undefined: another process has
 * saved or removed it meanwhile, and nothing was changed. Must not run concurrently, in any process. Throws if the disk
 * fails; the previous checkpoint is then intact.
 *
 * A process may be killed at any instruction: what it wrote has no effect until the manifest names it.
 */
export const saveCheckpoint = (dir: string, found: Found, saving: Saving): Found | undefined => {
  if (!isRealFolder(dir) || readStamp(dir) !== found.stamp) return undefined
  const before = found.checkpoint === undefined ? undefined : trustedStamp(found.stamp ?? '')
  if (typeof before === 'string') return undefined
  const made: Array<string> = []
  const newFile = (): string => {
    const name = storeName(globalThis.crypto.getRandomValues(new Uint8Array(4)))
    made.push(name)
    return name
  }
  try {
    const saved = written(dir, before, saving, newFile)
    const stamp = writeStamp(dir, saved)
    removeOtherFiles(dir, saved.file)
    const checkpoint = opened(dir, saved, stamp)
    return { stamp, checkpoint }
  } catch (thrown) {
    for (const name of made) rmSync(join(dir, name), { force: true })
    if (thrown instanceof CheckpointDamaged && found.stamp !== undefined) takeAway(dir, found.stamp)
    throw thrown
  }
}

/** Writes the tree of the saved state and returns its manifest. */
const written = (
  dir: string,
  before: Stamp | undefined,
  { head, changes, addresses }: Saving,
  newFile: () => string,
): Stamp => {
  const isSynced = mustSync()
  const change = changeStore(before === undefined ? undefined : { path: join(dir, before.file), tree: before.tree })
  try {
    const { head: from, totals: known } = before ?? nothingStored
    const stored = { seq: from.seq, totals: known, get: change.before.get }
    const totals = saveChanges(stored, change.writing, changes, addresses)
    const file = before?.file ?? newFile()
    const tree = change.write(join(dir, file), isSynced)
    return { format, boot: bootId(), ...compacted(dir, file, tree, isSynced, newFile), totals, head }
  } finally {
    change.close()
  }
}

const nothingStored = { head: { seq: 0 }, totals: noPlaces } as const

/** A file may contain this many bytes of dead blocks, in addition to as many as it has live ones. */
const wasteBytesMax = 1 << 20

/**
 * Writes a new file when more than half of a file belongs to older trees: that costs each change about as much as it
 * wrote.
 */
const compacted = (
  dir: string,
  file: string,
  tree: Tree,
  isSynced: boolean,
  newFile: () => string,
): Pick<Stamp, 'file' | 'tree'> => {
  const path = join(dir, file)
  if (statSync(path).size <= 2 * tree.liveBytes + wasteBytesMax) return { file, tree }
  const next = newFile()
  return { file: next, tree: copyStore(path, join(dir, next), tree, isSynced) }
}
