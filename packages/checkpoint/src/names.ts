/** The names of a checkpoint's files, for whoever need not load what reads them. */

/** Says what the checkpoint is of, and where in its file it lies. */
export const stampName = 'checkpoint.stamp'
export const temporaryStampName = 'checkpoint.stamp.tmp'
/** Held by whoever changes the checkpoint. */
export const lockName = 'checkpoint.lock'

/** Whether a file holds the blocks of a checkpoint. */
export const isStoreName = (name: unknown): name is string =>
  typeof name === 'string' && /^checkpoint\.[0-9a-f]{8}\.tree$/.test(name)

/** A name for a new file, which no other has. */
export const storeName = (random: Uint8Array): string => `checkpoint.${Buffer.from(random).toString('hex')}.tree`

/** Earlier versions kept the state in LMDB, under such names. */
const isEarlierName = (name: string): boolean => /^checkpoint\.[0-9a-f]{8}\.mdb(-lock)?$/.test(name)

/** Whether a file of this name holds blocks of a checkpoint, of this version or an earlier one. */
export const isAnyStoreName = (name: string): boolean => isStoreName(name) || isEarlierName(name)

/** Whether a file of this name belongs to a checkpoint. */
export const isCheckpointFile = (name: string): boolean =>
  [stampName, temporaryStampName, lockName].includes(name) || isAnyStoreName(name)
