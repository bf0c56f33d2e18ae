import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { temporaryDirectory } from '../claimlog-process.ts'
import { mountMissing } from './file-system.ts'
import type { MissingReason } from './it-if-possible.ts'

const serverPath = fileURLToPath(new URL('../../programs/slow-disk.mjs', import.meta.url))

const deviceMissing = (): MissingReason => {
  try {
    closeSync(openSync('/dev/fuse', 'r+'))
    return undefined
  } catch (error) {
    return `there is no FUSE: ${(error as Error).message}`
  }
}

/** The reason why there can be no slow disk on this machine; undefined if there can. */
export const slowDiskMissing: MissingReason = deviceMissing() ?? mountMissing('tmpfs')

/**
 * Copies a program to a file system on which each page after the first takes `delayMs` to read, and returns the path of
 * the copy. A process that executes it has no environment for some of these delays.
 */
export const copyToSlowDisk = async (program: string, delayMs: number): Promise<string> => {
  const mountPoint = join(temporaryDirectory(), 'slow')
  mkdirSync(mountPoint)
  const server = spawn(process.execPath, [serverPath, mountPoint, program, String(delayMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    spawnSync('umount', ['-l', mountPoint])
    server.kill('SIGKILL')
  })
  const failed = once(server, 'exit').then(() => Promise.reject(new Error('the slow disk could not be mounted')))
  await Promise.race([once(server.stdout, 'data'), failed])
  return join(mountPoint, 'program')
}
