import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { temporaryDirectory } from '../claimlog-process.ts'
import type { Missing } from './it-where-possible.ts'

/** The types of the small file systems that tests fill or mount read-only. */
export type SmallFileSystem = 'tmpfs' | 'ext4'

const mountIn = (fileSystem: SmallFileSystem, dir: string, kib: number): string => {
  const at = join(dir, 'mounted')
  mkdirSync(at)
  if (fileSystem === 'tmpfs') mount('-t', 'tmpfs', '-o', `size=${kib}k,mode=755`, 'tmpfs', at)
  else {
    const image = join(dir, 'image')
    writeFileSync(image, '')
    truncateSync(image, kib * 1024)
    // No blocks are reserved for root: otherwise root could still write to a full file system.
    execFileSync('mkfs.ext4', ['-q', '-F', '-m', '0', '-O', '^has_journal', image], { stdio: 'pipe' })
    mount('-o', 'loop', image, at)
  }
  return at
}

const mount = (...words: ReadonlyArray<string>): void => {
  execFileSync('mount', words, { stdio: 'pipe' })
}

/** Unmounts lazily: a killed process may still have a file open. */
const unmount = (at: string): void => {
  spawnSync('umount', ['-l', at])
}

/** Mounts a new file system of `kib` KiB in a directory that is deleted after the test; returns the mount point. */
export const mounted = (fileSystem: SmallFileSystem, kib: number): string => {
  const dir = temporaryDirectory()
  onTestFinished(() => unmount(join(dir, 'mounted')))
  return mountIn(fileSystem, dir, kib)
}

/** Creates the directory `at` and mounts an empty tmpfs of `kib` KiB there; returns a function that removes both. */
export const mountedOver = (at: string, kib: number): (() => void) => {
  mkdirSync(at)
  mount('-t', 'tmpfs', '-o', `size=${kib}k,mode=755`, 'tmpfs', at)
  onTestFinished(() => unmount(at))
  return () => {
    unmount(at)
    rmdirSync(at)
  }
}

/** Makes a mounted file system read-only, or writable again. */
export const remount = (at: string, access: 'ro' | 'rw'): void => mount('-o', `remount,${access}`, at)

/** The reason why such a file system cannot be mounted on this machine; undefined if it can. */
export const mountMissing = (fileSystem: SmallFileSystem): Missing => {
  const dir = mkdtempSync(join(tmpdir(), 'claimlog-mount-'))
  try {
    mountIn(fileSystem, dir, 1024)
    return undefined
  } catch (thrown) {
    return `${fileSystem} cannot be mounted: ${(thrown as Error).message.trim().split('\n').at(-1)}`
  } finally {
    unmount(join(dir, 'mounted'))
    rmSync(dir, { recursive: true, force: true })
  }
}
