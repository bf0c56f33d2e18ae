import { closeSync, constants, fdatasyncSync, fstatSync, ftruncateSync } from 'node:fs'
import { blockAppender, type BlockFile, openBlockFile, openRegular } from './block-file.ts'
import { type Change, changeTree, copyTree } from './change-tree.ts'
import { emptyTree, entriesBefore, entriesFrom, getText, type TextEntry, type Tree, verifyTree } from './tree.ts'

/**
 * An open store: text values by key, in the order of the bytes of the keys. It does not change, even if its file is
 * deleted or extended.
 */
export type Store = {
  readonly get: (key: Buffer) => string | undefined
  /** The entries from `start` to before `end`, at most `limit`; `rangeReverse` starts at the end. */
  readonly range: (start: Buffer, end: Buffer, most?: number) => ReadonlyArray<TextEntry>
  readonly backwards: (start: Buffer, end: Buffer, most?: number) => ReadonlyArray<TextEntry>
  /** Reads every block, and throws `CheckpointDamaged` at one that is not as it was written. */
  readonly verify: () => void
  readonly close: () => void
}

/** Collects the changes of a store, which are applied together. */
export type Writing = { readonly put: (key: Buffer, value: string) => void; readonly remove: (key: Buffer) => void }

/** Opens the store of the tree `tree` in the file at `path`. Throws if its root is not there. */
export const openStore = (path: string, tree: Tree): Store => {
  const file = openBlockFile(path)
  try {
    if (tree.root !== undefined) file.read(tree.root)
  } catch (thrown) {
    file.close()
    throw thrown
  }
  return storeIn(file, tree)
}

const storeIn = (file: BlockFile, tree: Tree): Store => ({
  get: key => getText(file, tree, key),
  range: (start, end, most = Infinity) => {
    const found: Array<TextEntry> = []
    if (most === 0) return found
    for (const entry of entriesFrom(file, tree, start)) {
      if (Buffer.compare(entry.key, end) >= 0) break
      found.push(entry)
      if (found.length === most) break
    }
    return found
  },
  backwards: (start, end, most = Infinity) => {
    const found: Array<TextEntry> = []
    if (most === 0) return found
    for (const entry of entriesBefore(file, tree, end)) {
      if (Buffer.compare(entry.key, start) < 0) break
      found.push(entry)
      if (found.length === most) break
    }
    return found
  },
  verify: () => verifyTree(file, tree),
  close: file.close,
})

/** A store without entries and without a file. */
const emptyStore: Store = {
  get: () => undefined,
  range: () => [],
  backwards: () => [],
  verify: () => undefined,
  close: () => undefined,
}

/** A change of a store: reads return the state before it, and `write` writes the changes to a file. */
export type StoreChange = {
  readonly before: Store
  readonly writing: Writing
  /** Appends the blocks that differ to the store's file at `path`, or creates the file. */
  readonly write: (path: string, isSynced: boolean) => Tree
  readonly close: () => void
}

/** Begins a change of the tree in the file at `path`, or of an empty one. */
export const changeStore = (from: { readonly path: string; readonly tree: Tree } | undefined): StoreChange => {
  const file = from === undefined ? undefined : openBlockFile(from.path)
  const tree = from?.tree ?? emptyTree
  const changes = new Map<string, Array<Change>>()
  const add = (key: Buffer, value: string | undefined): void => {
    const change = { key: key.toString('latin1'), value }
    const sort = change.key.slice(0, sortBytes)
    const known = changes.get(sort)
    if (known === undefined) changes.set(sort, [change])
    else known.push(change)
  }
  return {
    before: file === undefined ? emptyStore : storeIn(file, tree),
    writing: {
      put: add,
      remove: key => add(key, undefined),
    },
    write: (path, isSynced) =>
      appended(path, file === undefined, isSynced, (fd, size) => {
        const to = blockAppender(fd, size)
        const next = changeTree(file ?? noFile, to, tree, inOrder(changes))
        to.flush()
        return next
      }),
    close: () => file?.close(),
  }
}

/** Copies the tree in the file at `from` to a new file at `to`, without blocks of older trees. */
export const copyStore = (from: string, to: string, tree: Tree, isSynced: boolean): Tree => {
  const file = openBlockFile(from)
  try {
    return appended(to, true, isSynced, fd => {
      const appender = blockAppender(fd, 0)
      const copied = copyTree(file, appender, tree)
      appender.flush()
      return copied
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
const appended = (path: string, isNew: boolean, isSynced: boolean, body: (fd: number, size: number) => Tree): Tree => {
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
const sortBytes = 2

/** All changes in the order of their keys, each key once, with its last value. */
const inOrder = (changes: ReadonlyMap<string, Array<Change>>): ReadonlyArray<Change> => {
  const all: Array<Change> = []
  for (const sort of [...changes.keys()].sort())
    for (const change of (changes.get(sort) as Array<Change>).sort(byKey))
      if (all.at(-1)?.key === change.key) all[all.length - 1] = change
      else all.push(change)
  return all
}

const byKey = (a: Change, b: Change): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)
