import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { temporaryDirectory } from '../claimlog-process.ts'
import type { MissingReason } from './it-if-possible.ts'

/** The types of the small file systems that tests fill or mount read-only. */
export type SmallFileSystem = 'tmpfs' | 'ext4'

const mountImage = (fileSystem: SmallFileSystem, dir: string, kib: number): string => {
  const mountPoint = join(dir, 'mounted')
  mkdirSync(mountPoint)
  if (fileSystem === 'tmpfs') mount('-t', 'tmpfs', '-o', `size=${kib}k,mode=755`, 'tmpfs', mountPoint)
  else {
    const image = join(dir, 'image')
    writeFileSync(image, '')
    truncateSync(image, kib * 1024)
    // No blocks are reserved for root: otherwise root could still write to a full file system.
    execFileSync('mkfs.ext4', ['-q', '-F', '-m', '0', '-O', '^has_journal', image], { stdio: 'pipe' })
    mount('-o', 'loop', image, mountPoint)
  }
  return mountPoint
}

const mount = (...args: ReadonlyArray<string>): void => {
  execFileSync('mount', args, { stdio: 'pipe' })
}

/** Unmounts lazily: a killed process may still have a file open. */
const unmount = (mountPoint: string): void => {
  spawnSync('umount', ['-l', mountPoint])
}

/** Mounts a new file system of `kib` KiB in a directory that is deleted after the test; returns the mount point. */
export const mountTemporary = (fileSystem: SmallFileSystem, kib: number): string => {
  const dir = temporaryDirectory()
  onTestFinished(() => unmount(join(dir, 'mounted')))
  return mountImage(fileSystem, dir, kib)
}

/** Creates the directory `mountPoint` and mounts an empty tmpfs of `kib` KiB there; returns a function that removes both. */
export const mountTmpfs = (mountPoint: string, kib: number): (() => void) => {
  mkdirSync(mountPoint)
  mount('-t', 'tmpfs', '-o', `size=${kib}k,mode=755`, 'tmpfs', mountPoint)
  onTestFinished(() => unmount(mountPoint))
  return () => {
    unmount(mountPoint)
    rmdirSync(mountPoint)
  }
}

/** Makes a mounted file system read-only, or writable again. */
export const remount = (mountPoint: string, access: 'ro' | 'rw'): void => mount('-o', `remount,${access}`, mountPoint)

/** The reason why such a file system cannot be mounted on this machine; undefined if it can. */
export const mountMissing = (fileSystem: SmallFileSystem): MissingReason => {
  const dir = mkdtempSync(join(tmpdir(), 'claimlog-mount-'))
  try {
    mountImage(fileSystem, dir, 1024)
    return undefined
  } catch (error) {
    return `${fileSystem} cannot be mounted: ${(error as Error).message.trim().split('\n').at(-1)}`
  } finally {
    unmount(join(dir, 'mounted'))
    rmSync(dir, { recursive: true, force: true })
  }
}
