import { basename } from 'node:path'
import { readlinkSync } from 'node:fs'
import { type Disk, realDisk } from '../src/disk/disk.ts'

/** A disk that records the calls of a log in order: `append events.jsonl`. */
export type RecordingDisk = Disk & { readonly calls: Array<string> }

const fileName = (fd: number): string => basename(readlinkSync(`/proc/self/fd/${fd}`))

/** The real disk, with `faults` in place of some of its calls; records every call that changes something. */
export const recordingDisk = (faults: Partial<Disk> = {}): RecordingDisk => {
  const disk = { ...realDisk, ...faults }
  const calls: Array<string> = []
  const record = (call: string, fd: number): void => {
    calls.push(`${call} ${fileName(fd)}`)
  }
  return {
    ...disk,
    calls,
    append: (fd, bytes) => {
      record('append', fd)
      return disk.append(fd, bytes)
    },
    overwrite: (fd, bytes, offset) => {
      record('overwrite', fd)
      return disk.overwrite(fd, bytes, offset)
    },
    truncate: (fd, size) => {
      record('truncate', fd)
      disk.truncate(fd, size)
    },
    datasync: fd => {
      record('datasync', fd)
      disk.datasync(fd)
    },
    tryLock: fd => {
      const isLocked = disk.tryLock(fd)
      if (isLocked) record('lock', fd)
      return isLocked
    },
    unlock: fd => {
      record('unlock', fd)
      disk.unlock(fd)
    },
  }
}

/** An error as a system call throws it. */
export const systemError = (code: string): Error => Object.assign(new Error(`${code}: as if`), { code })
