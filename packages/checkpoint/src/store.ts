import { accessSync, constants } from 'node:fs'
import { open, type RootDatabase, type Transaction } from 'lmdb'
import { mustSync } from './stamp.ts'

/** An open store: text under keys, in the order of the keys' bytes. */
export type Store = {
  readonly get: (key: Buffer) => string | undefined
  /** From `start` to before `end`, or from `end` back; at most so many. */
  readonly range: (start: Buffer, end: Buffer, most?: number) => Iterable<Entry>
  readonly backwards: (start: Buffer, end: Buffer, most?: number) => Iterable<Entry>
  readonly close: () => void
}

export type Entry = { readonly key: Buffer; readonly value: string }

/** A store that is changed by one transaction. */
export type Writing = { readonly put: (key: Buffer, value: string) => void; readonly remove: (key: Buffer) => void }

/** More than any store will have: address space, and no memory. Its end cannot be moved while others have it open. */
const mapBytes = 2 ** 38

type Database = RootDatabase<string, Buffer>

const openDatabase = (path: string, readOnly: boolean): Database =>
  open<string, Buffer>({
    path,
    readOnly,
    noSubdir: true,
    noSync: !mustSync(),
    overlappingSync: false,
    mapSize: mapBytes,
    keyEncoding: 'binary',
    encoding: 'string',
    compression: false,
  })

/** The store at `path` as it is now, whatever others write to it. Throws where LMDB cannot open it. */
export const openStore = (path: string): Store => {
  // The stores of one process are one to LMDB: one that was opened to be read only could not be written afterwards.
  const db = openDatabase(path, !mayWrite(path))
  let transaction: Transaction | undefined
  try {
    transaction = db.useReadTransaction()
    return reading(db, transaction)
  } catch (thrown) {
    if (transaction !== undefined) leave(db, transaction)
    throw thrown
  }
}

/**
 * Gives the transaction back, and leaves the environment open until the process ends: LMDB does away with the locks of one
 * that is closed last, and where another process opens it at that moment, nobody can begin a transaction any more.
 */
const leave = (db: Database, transaction: Transaction): void => {
  // What is current is only done with; then its place among the readers would stay taken.
  db.resetReadTxn()
  transaction.done()
}

const reading = (db: Database, transaction: Transaction): Store => ({
  get: key => db.get(key, { transaction }),
  range: (start, end, limit) => db.getRange({ start, end, limit, transaction }),
  backwards: (start, end, limit) =>
    db.getRange({ start: end, end: start, limit, reverse: true, exclusiveStart: true, transaction }),
  close: () => leave(db, transaction),
})

/** Changes the store at `path`, or makes one, in one transaction: all of it or, where `body` throws, nothing. */
export const changeStore = (path: string, body: (store: Omit<Store, 'close'>, writing: Writing) => void): void => {
  const db = openDatabase(path, false)
  // Whoever was killed while it read would have its state kept for ever.
  db.readerCheck()
  db.transactionSync(() => {
    body(
      {
        get: key => db.get(key),
        range: (start, end, limit) => db.getRange({ start, end, limit }),
        backwards: (start, end, limit) =>
          db.getRange({ start: end, end: start, limit, reverse: true, exclusiveStart: true }),
      },
      {
        put: (key, value) => void db.putSync(key, value),
        remove: key => void db.removeSync(key),
      },
    )
  })
}

const mayWrite = (path: string): boolean => {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}
