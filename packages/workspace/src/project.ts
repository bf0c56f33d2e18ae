import { isCheckpointDamage } from '@claimlog/checkpoint/damage'
import type { Checkpointing } from './checkpointing.ts'

/** Has `queue.json` written from the state; undefined: there is nothing to wait for. */
export type Project = (write: () => Promise<void> | undefined) => Promise<void> | undefined

/** Writes, and writes again from a state that was read anew where the checkpoint under it turns out to be damaged. */
export const projectFrom = (keeping: Pick<Checkpointing, 'start'>): Project => {
  const project: Project = write => {
    try {
      return write()?.catch((thrown: unknown) => again(thrown, write))
    } catch (thrown) {
      return again(thrown, write)
    }
  }
  const again = async (thrown: unknown, write: () => Promise<void> | undefined): Promise<void> => {
    if (!isCheckpointDamage(thrown)) throw thrown
    // A log that cannot be read is told of by the next command.
    if ((await keeping.start()) === undefined) await project(write)
  }
  return project
}
