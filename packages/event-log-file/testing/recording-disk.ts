import { basename } from 'node:path'
import { readlinkSync } from 'node:fs'
import { type Disk, realDisk } from '../src/disk/disk.ts'

/** A disk that records the calls of a log in order: `append events.jsonl`. */
export type RecordingDisk = Disk & { readonly calls: Array<string> }

const fileOf = (fd: number): string => basename(readlinkSync(`/proc/self/fd/${fd}`))

/** The real disk, with `faults` in place of some of its calls; records every call that changes something. */
export const recordingDisk = (faults: Partial<Disk> = {}): RecordingDisk => {
  const disk = { ...realDisk, ...faults }
  const calls: Array<string> = []
  const recorded = (call: string, fd: number): void => {
    calls.push(`${call} ${fileOf(fd)}`)
  }
  return {
    ...disk,
    calls,
    append: (fd, bytes) => {
      recorded('append', fd)
      return disk.append(fd, bytes)
    },
    overwrite: (fd, bytes, offset) => {
      recorded('overwrite', fd)
      return disk.overwrite(fd, bytes, offset)
    },
    truncate: (fd, size) => {
      recorded('truncate', fd)
      disk.truncate(fd, size)
    },
    datasync: fd => {
      recorded('datasync', fd)
      disk.datasync(fd)
    },
    tryLock: fd => {
      const taken = disk.tryLock(fd)
      if (taken) recorded('lock', fd)
      return taken
    },
    unlock: fd => {
      recorded('unlock', fd)
      disk.unlock(fd)
    },
  }
}

/** An error as a system call throws it. */
export const systemError = (code: string): Error => Object.assign(new Error(`${code}: as if`), { code })
