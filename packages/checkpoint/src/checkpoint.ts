import * as crypto from 'node:crypto'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TableBase, TableChanges, TaskId, Workspace } from '@claimlog/domain'
import { distrusting } from './distrusting.ts'
import { headKey } from './keys.ts'
import { storeName } from './names.ts'
import { saveChanges, type TaskAddresses } from './save-changes.ts'
import {
  bootId,
  format,
  identityOf,
  readStamp,
  removeOtherFiles,
  removeStamp,
  type Stamp,
  trustedStamp,
  writeStamp,
} from './stamp.ts'
import { changeStore, openStore, type Store, type Writing } from './store.ts'
import { noPlaces, storedAddresses, storedTable, type Totals } from './stored-table.ts'

/** Which state it is: that of the events up to `seq`, where the log has the bookmark `at`. */
export type Head = {
  readonly workspace: Workspace
  readonly seq: number
  readonly time: string
  readonly at: string
}

/** A state that was kept on disk. It does not change, whatever others save meanwhile. */
export type Checkpoint = {
  readonly head: Head
  readonly base: TableBase
  /** The addresses of the events of a task up to `head.seq`, in their order. */
  readonly addressesOf: (id: TaskId) => ReadonlyArray<number>
  readonly close: () => void
}

/** The stamp as it was found, and the checkpoint that it vouches for or why it is not trusted. */
export type Found = {
  readonly stamp: string | undefined
  readonly checkpoint?: Checkpoint
  /** Why what is there is not to be trusted; undefined where nothing is there. */
  readonly distrust?: string
}

type StoredHead = Head & { readonly format: number; readonly totals: Totals }

/** The checkpoint in the folder `dir`. Whatever is wrong with it is no failure: then there is none to be trusted. */
export const openCheckpoint = (dir: string): Found => {
  let stamp: string | undefined
  try {
    stamp = readStamp(dir)
    if (stamp === undefined) return { stamp }
    const trusted = trustedStamp(dir, stamp)
    if (typeof trusted === 'string') return { stamp, distrust: trusted }
    const checkpoint = opened(dir, trusted)
    return checkpoint === undefined ? { stamp, distrust: 'its stamp is of another state' } : { stamp, checkpoint }
  } catch (thrown) {
    return { stamp, distrust: (thrown as Error).message }
  }
}

const opened = (dir: string, stamp: Stamp): Checkpoint | undefined => {
  const store = openStore(join(dir, stamp.file))
  const head = headIn(store)
  if (head === undefined || !isOf(stamp, head)) {
    store.close()
    return undefined
  }
  const { workspace, seq, time, at, totals } = head
  return {
    head: { workspace, seq, time, at },
    base: distrusting(storedTable(store, totals), () => takeAway(dir)),
    addressesOf: id => storedAddresses(store, id),
    close: store.close,
  }
}

/** The next command makes it anew. */
const takeAway = (dir: string): void => {
  try {
    removeStamp(dir)
  } catch {
    // Who may not write here cannot spare the others.
  }
}

const headIn = (store: Omit<Store, 'close'>): StoredHead | undefined => {
  const text = store.get(headKey)
  return text === undefined ? undefined : (JSON.parse(text) as StoredHead)
}

const isOf = (stamp: Stamp, head: StoredHead): boolean =>
  head.format === format && head.workspace.id === stamp.workspace && head.seq === stamp.seq && head.at === stamp.at

/** What there is to save: the state at `head`, as what changed since the checkpoint that it started from. */
export type Saving = {
  readonly head: Head
  readonly changes: TableChanges
  readonly addresses: Iterable<TaskAddresses>
}

/**
 * Saves a state that lies over what was `found`, and answers with the checkpoint of it. undefined: somebody else has saved
 * meanwhile, or taken it away, and nothing was changed. To be called while nobody else does, on any process. Throws where
 * the disk does not do it; what is there then is not trusted.
 *
 * A process may be killed at any instruction: no stamp vouches for a file while it is being changed.
 */
export const saveCheckpoint = (dir: string, found: Found, saving: Saving): Found | undefined => {
  if (readStamp(dir) !== found.stamp) return undefined
  const file = found.checkpoint === undefined ? storeName(crypto.randomBytes(4)) : trustedFile(dir, found)
  if (file === undefined) return undefined
  const path = join(dir, file)
  try {
    if (found.checkpoint === undefined) writeFileSync(`${path}-lock`, Buffer.alloc(lockBytes), { flag: 'wx' })
    else removeStamp(dir)
    changeStore(path, (store, writing) => save(store, writing, found.checkpoint?.head, saving))
  } catch (thrown) {
    if (found.checkpoint === undefined) for (const made of [path, `${path}-lock`]) rmSync(made, { force: true })
    if (thrown instanceof Overtaken) return undefined
    throw thrown
  }
  const { workspace, seq, at } = saving.head
  const identity = identityOf(path)
  if (identity === undefined) return undefined
  writeStamp(dir, { format, workspace: workspace.id, seq, at, boot: bootId(), file, identity })
  removeOtherFiles(dir, file)
  return openCheckpoint(dir)
}

/**
 * More than LMDB's lock file needs. LMDB would make it without taking its blocks, and write to it in memory: on a full disk
 * that ends the process.
 */
const lockBytes = 16 * 1024

const trustedFile = (dir: string, { stamp = '' }: Found): string | undefined => {
  const trusted = trustedStamp(dir, stamp)
  return typeof trusted !== 'string' && existsSync(join(dir, trusted.file)) ? trusted.file : undefined
}

class Overtaken extends Error {}

const save = (store: Omit<Store, 'close'>, writing: Writing, from: Head | undefined, saving: Saving): void => {
  const stored = headIn(store)
  // Our lock file may have been deleted while we had it: LMDB has a lock of its own.
  if (stored?.seq !== from?.seq || stored?.at !== from?.at) throw new Overtaken()
  const totals = saveChanges(store, writing, stored?.totals ?? noPlaces, saving.changes, saving.addresses)
  const head: StoredHead = { ...saving.head, format, totals }
  writing.put(headKey, JSON.stringify(head))
}
