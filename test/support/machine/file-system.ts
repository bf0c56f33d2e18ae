import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { temporaryDirectory } from '../claimlog-process.ts'
import type { Missing } from './it-where-possible.ts'

/** The kinds of file system that are made small, filled, and mounted read-only. */
export type SmallFileSystem = 'tmpfs' | 'ext4'

const mountIn = (fileSystem: SmallFileSystem, dir: string, kib: number): string => {
  const at = join(dir, 'mounted')
  mkdirSync(at)
  if (fileSystem === 'tmpfs') mount('-t', 'tmpfs', '-o', `size=${kib}k,mode=755`, 'tmpfs', at)
  else {
    const image = join(dir, 'image')
    writeFileSync(image, '')
    truncateSync(image, kib * 1024)
    // Nothing is kept back for root, who would otherwise find room where there is none.
    execFileSync('mkfs.ext4', ['-q', '-F', '-m', '0', '-O', '^has_journal', image], { stdio: 'pipe' })
    mount('-o', 'loop', image, at)
  }
  return at
}

const mount = (...words: ReadonlyArray<string>): void => {
  execFileSync('mount', words, { stdio: 'pipe' })
}

/** Lazily: a process that is killed may still be at a file. */
const unmount = (at: string): void => {
  spawnSync('umount', ['-l', at])
}

/** A new file system of `kib` KiB, mounted in a directory that is gone with it after the test; answers where. */
export const mounted = (fileSystem: SmallFileSystem, kib: number): string => {
  const dir = temporaryDirectory()
  onTestFinished(() => unmount(join(dir, 'mounted')))
  return mountIn(fileSystem, dir, kib)
}

/** A new, empty file system in memory, of `kib` KiB, mounted at `at`, which is made for it; answers how it is taken away again. */
export const mountedOver = (at: string, kib: number): (() => void) => {
  mkdirSync(at)
  mount('-t', 'tmpfs', '-o', `size=${kib}k,mode=755`, 'tmpfs', at)
  onTestFinished(() => unmount(at))
  return () => {
    unmount(at)
    rmdirSync(at)
  }
}

/** Lets nobody write to a mounted file system, or lets them again. */
export const remount = (at: string, access: 'ro' | 'rw'): void => mount('-o', `remount,${access}`, at)

/** Why such a file system cannot be mounted here; undefined: it can. */
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
