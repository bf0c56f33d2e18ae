/** The names of a checkpoint's files, for whoever need not load what reads them. */

/** Says what the checkpoint is of, and whether it can be trusted. */
export const stampName = 'checkpoint.stamp'
export const temporaryStampName = 'checkpoint.stamp.tmp'
/** Held by whoever changes the checkpoint. */
export const lockName = 'checkpoint.lock'

/** Whether a file is a checkpoint's store; LMDB keeps another beside it, of the same name with `-lock` at its end. */
export const isStoreName = (name: unknown): name is string =>
  typeof name === 'string' && /^checkpoint\.[0-9a-f]{8}\.mdb$/.test(name)

/** A name for a new store, which no other has. */
export const storeName = (random: Uint8Array): string => `checkpoint.${Buffer.from(random).toString('hex')}.mdb`

/** Whether a file of this name belongs to a checkpoint. */
export const isCheckpointFile = (name: string): boolean =>
  [stampName, temporaryStampName, lockName].includes(name) || isStoreName(name.replace(/-lock$/, ''))
