import { rmSync } from 'node:fs'

/** Deletes a directory with all that is in it; a process that was ended just now may still be writing there. */
export const removeDir = (dir: string): void =>
  rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
