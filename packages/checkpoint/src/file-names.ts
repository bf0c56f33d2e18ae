/** The names of a checkpoint's files, in a module without the code that reads them. */

/** The manifest: which state is saved, and where in the file of blocks it is. */
export const manifestName = 'checkpoint.stamp'
export const temporaryManifestName = 'checkpoint.stamp.tmp'
/** Locked while a process changes the checkpoint. */
export const lockName = 'checkpoint.lock'

/** True if a file contains the blocks of a checkpoint. */
export const isStoreName = (name: unknown): name is string =>
  typeof name === 'string' && /^checkpoint\.[0-9a-f]{8}\.tree$/.test(name)

/** A new, unique name for a file of blocks. */
export const createStoreName = (random: Uint8Array): string => `checkpoint.${Buffer.from(random).toString('hex')}.tree`

/** Earlier versions kept the state in LMDB, in files with these names. */
const isLegacyStoreName = (name: string): boolean => /^checkpoint\.[0-9a-f]{8}\.mdb(-lock)?$/.test(name)

/** True if a file of this name contains blocks of a checkpoint, of this version or an earlier one. */
export const isAnyStoreName = (name: string): boolean => isStoreName(name) || isLegacyStoreName(name)

/** True if a file of this name belongs to a checkpoint. */
export const isCheckpointFile = (name: string): boolean =>
  [manifestName, temporaryManifestName, lockName].includes(name) || isAnyStoreName(name)
