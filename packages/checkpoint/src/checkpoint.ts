import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { TaskId } from '@claimlog/domain'
import type { TableBase, TableChanges } from '@claimlog/domain/table'
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

/** A state that was kept on disk. It does not change, whatever others save meanwhile. */
export type Checkpoint = {
  readonly head: Head
  /** Throws `CheckpointDamaged` where what is read is not what was written; so does `addressesOf`. */
  readonly base: TableBase
  /** The addresses of the events of a task up to `head.seq`, in their order. */
  readonly addressesOf: (id: TaskId) => ReadonlyArray<number>
  /** Reads all of it, and throws `CheckpointDamaged` where something is not what was written. */
  readonly verify: () => void
  /** Whether something was read that is not what was written: what lies over it is not to be gone on from. */
  readonly isDamaged: () => boolean
  readonly close: () => void
}

/** The stamp as it was found, and the checkpoint that it leads to or why it is not trusted. */
export type Found = {
  readonly stamp: string | undefined
  readonly checkpoint?: Checkpoint
  /** Why what is there is not to be trusted; undefined where nothing is there. */
  readonly distrust?: string
}

/** How often the file of a stamp may be gone, because somebody has put a newer one in its place, before that is taken for damage. */
const looksMax = 3

/** The checkpoint in the folder `dir`. Whatever is wrong with it is no failure: then there is none to be trusted. */
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

/** The next command makes it anew, unless somebody has done so already. */
const takeAway = (dir: string, stamp: string): void => {
  try {
    if (isRealFolder(dir) && readStamp(dir) === stamp) removeStamp(dir)
  } catch {
    // Who may not write here cannot spare the others.
  }
}

/** What there is to save: the state at `head`, as what changed since the checkpoint that it started from. */
export type Saving = {
  readonly head: Head
  readonly changes: TableChanges
  readonly addresses: Iterable<TaskAddresses>
}

/**
 * Saves a state that lies over what was `found`, and answers with the checkpoint of it. undefined: somebody else has saved
 * meanwhile, or taken it away, and nothing was changed. To be called while nobody else does, on any process. Throws where
 * the disk does not do it; what was there is as it was then.
 *
 * A process may be killed at any instruction: what it wrote is of no consequence before there is a stamp of it.
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

/** Writes the tree of what is saved, and what its stamp is to say. */
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

/** A file may hold so much that nobody needs, before and beside as much as there is that somebody does. */
const wasteBytesMax = 1 << 20

/** Once more than half of a file is of older trees, a new one is written: that costs each change about what it wrote. */
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
