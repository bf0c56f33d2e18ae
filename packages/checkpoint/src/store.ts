import { closeSync, constants, fdatasyncSync, fstatSync, ftruncateSync } from 'node:fs'
import { blockAppender, type BlockFile, openBlockFile, openRegular } from './block-file.ts'
import { type KeyChange, changeTree, copyTree } from './change-tree.ts'
import { emptyTree, iterateBackward, iterateForward, getText, type TextEntry, type Tree, verifyTree } from './tree.ts'

/**
 * An open store: text values by key, in the order of the bytes of the keys. It does not change, even if its file is
 * deleted or extended.
 */
export type Store = {
  readonly get: (key: Buffer) => string | undefined
  /** The entries from `start` to before `end`, at most `entriesMax`; `rangeReverse` starts at the end. */
  readonly range: (start: Buffer, end: Buffer, entriesMax?: number) => ReadonlyArray<TextEntry>
  readonly rangeReverse: (start: Buffer, end: Buffer, entriesMax?: number) => ReadonlyArray<TextEntry>
  /** Reads every block, and throws `CheckpointDamaged` at one that is not as it was written. */
  readonly verify: () => void
  readonly close: () => void
}

/** Collects the changes of a store, which are applied together. */
export type StoreWriter = { readonly put: (key: Buffer, value: string) => void; readonly remove: (key: Buffer) => void }

/** Opens the store of the tree `tree` in the file at `path`. Throws if its root is not there. */
export const openStore = (path: string, tree: Tree): Store => {
  const file = openBlockFile(path)
  try {
    if (tree.root !== undefined) file.read(tree.root)
  } catch (thrown) {
    file.close()
    throw thrown
  }
  return createTreeStore(file, tree)
}

const createTreeStore = (file: BlockFile, tree: Tree): Store => ({
  get: key => getText(file, tree, key),
  range: (start, end, entriesMax = Infinity) => {
    const entries: Array<TextEntry> = []
    if (entriesMax === 0) return entries
    for (const entry of iterateForward(file, tree, start)) {
      if (Buffer.compare(entry.key, end) >= 0) break
      entries.push(entry)
      if (entries.length === entriesMax) break
    }
    return entries
  },
  rangeReverse: (start, end, entriesMax = Infinity) => {
    const entries: Array<TextEntry> = []
    if (entriesMax === 0) return entries
    for (const entry of iterateBackward(file, tree, end)) {
      if (Buffer.compare(entry.key, start) < 0) break
      entries.push(entry)
      if (entries.length === entriesMax) break
    }
    return entries
  },
  verify: () => verifyTree(file, tree),
  close: file.close,
})

/** A store without entries and without a file. */
const emptyStore: Store = {
  get: () => undefined,
  range: () => [],
  rangeReverse: () => [],
  verify: () => undefined,
  close: () => undefined,
}

/** A change of a store: reads return the state before it, and `write` writes the changes to a file. */
export type StoreChange = {
  readonly before: Store
  readonly writer: StoreWriter
  /** Appends the blocks that differ to the store's file at `path`, or creates the file. */
  readonly write: (path: string, isSynced: boolean) => Tree
  readonly close: () => void
}

/** Begins a change of the tree in the file at `path`, or of an empty one. */
export const beginStoreChange = (from: { readonly path: string; readonly tree: Tree } | undefined): StoreChange => {
  const file = from === undefined ? undefined : openBlockFile(from.path)
  const tree = from?.tree ?? emptyTree
  const changes = new Map<string, Array<KeyChange>>()
  const add = (key: Buffer, value: string | undefined): void => {
    const change = { key: key.toString('latin1'), value }
    const keyPrefix = change.key.slice(0, keyPrefixBytes)
    const samePrefix = changes.get(keyPrefix)
    if (samePrefix === undefined) changes.set(keyPrefix, [change])
    else samePrefix.push(change)
  }
  return {
    before: file === undefined ? emptyStore : createTreeStore(file, tree),
    writer: {
      put: add,
      remove: key => add(key, undefined),
    },
    write: (path, isSynced) =>
      appendOrTruncate(path, file === undefined, isSynced, (fd, size) => {
        const appender = blockAppender(fd, size)
        const next = changeTree(file ?? noFile, appender, tree, sortChanges(changes))
        appender.flush()
        return next
      }),
    close: () => file?.close(),
  }
}

/** Copies the tree in the file at `from` to a new file at `to`, without blocks of older trees. */
export const copyStore = (from: string, to: string, tree: Tree, isSynced: boolean): Tree => {
  const file = openBlockFile(from)
  try {
    return appendOrTruncate(to, true, isSynced, fd => {
      const appender = blockAppender(fd, 0)
      const copiedTree = copyTree(file, appender, tree)
      appender.flush()
      return copiedTree
    })
  } finally {
    file.close()
  }
}

const noFile: BlockFile = {
  read: () => {
    throw new Error('an empty tree has no blocks')
  },
  close: () => undefined,
}

const { O_CREAT, O_EXCL, O_RDWR } = constants

/** Runs `body` to write at the end of a file. If it fails, the file is truncated to its old length. */
const appendOrTruncate = (
  path: string,
  isNew: boolean,
  isSynced: boolean,
  body: (fd: number, size: number) => Tree,
): Tree => {
  const fd = openRegular(path, isNew ? O_RDWR | O_CREAT | O_EXCL : O_RDWR)
  const { size } = fstatSync(fd)
  try {
    const tree = body(fd, size)
    if (isSynced) fdatasyncSync(fd)
    return tree
  } catch (thrown) {
    ftruncateSync(fd, size)
    throw thrown
  } finally {
    closeSync(fd)
  }
}

/**
 * Changes are grouped by the first bytes of their keys: within a group they arrive nearly in order, and sort fast.
 */
const keyPrefixBytes = 2

/** All changes in the order of their keys, each key once, with its last value. */
const sortChanges = (changes: ReadonlyMap<string, Array<KeyChange>>): ReadonlyArray<KeyChange> => {
  const all: Array<KeyChange> = []
  for (const keyPrefix of [...changes.keys()].sort())
    for (const change of (changes.get(keyPrefix) as Array<KeyChange>).sort(compareKeys))
      if (all.at(-1)?.key === change.key) all[all.length - 1] = change
      else all.push(change)
  return all
}

const compareKeys = (a: KeyChange, b: KeyChange): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)
