import { constants, statfsSync, type StatsFs } from 'node:fs'
import { networkFileSystem } from '@claimlog/event-log-file'
import { pluralize } from '@claimlog/messages'
import { type Finding, combineIssues, type Issue } from './finding.ts'
import { accessError } from './access.ts'

/** Less is soon used up: a line may take a megabyte, and a new `queue.json` is written next to the existing one. */
const freeBytesMin = 1024 * 1024
const freeInodesMin = 16

const inMemoryMessage = 'keeps files in memory, and loses them at a restart or a power cut'

/** In-memory file systems, by their type in `statfs` (`linux/magic.h`). */
const inMemoryFileSystems: ReadonlyMap<number, string> = new Map([
  [0x01021994, 'tmpfs'],
  [0x858458f6, 'ramfs'],
])

/** The names of common file systems. */
const fileSystemNames: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'XFS'],
  [0x9123683e, 'Btrfs'],
  [0x2fc12fc1, 'ZFS'],
  [0xf2f52010, 'F2FS'],
  [0x794c7630, 'overlayfs'],
  [0x65735546, 'FUSE'],
])

/** Checks that the file system of the workspace is persistent, supports locks, and has free space. */
export const checkFileSystem = (dir: string): Finding => {
  let stats: StatsFs
  try {
    stats = statfsSync(dir)
  } catch (thrown) {
    const message = `the file system cannot be queried: ${(thrown as Error).message}`
    return { state: 'warning', message, mend: 'check the disk and the path' }
  }
  const type = stats.type >>> 0
  const name =
    networkFileSystem(type) ??
    inMemoryFileSystems.get(type) ??
    fileSystemNames.get(type) ??
    `file system type 0x${type.toString(16)}`
  const freeSpace = { free_bytes: stats.bavail * stats.bsize, ...(stats.files > 0 ? { free_inodes: stats.ffree } : {}) }
  const issues = [...findTypeIssues(type, name), ...findReadOnlyIssue(dir), ...findSpaceIssues(freeSpace)]
  return { ...combineIssues(`${name}, ${formatFreeSpace(freeSpace)} free`, issues), fileSystem: name, ...freeSpace }
}

type FreeSpace = { readonly free_bytes: number; readonly free_inodes?: number }

const formatFreeSpace = ({ free_bytes: bytes, free_inodes: inodes }: FreeSpace): string =>
  `${formatBytes(bytes)}${inodes === undefined ? '' : ` and ${pluralize(inodes, 'inode')}`}`

const findTypeIssues = (type: number, name: string): ReadonlyArray<Issue> => {
  if (networkFileSystem(type) !== undefined)
    return [
      {
        state: 'wrong',
        message: `${name} is a network file system, whose locks and caches do not give the guarantees that claimlog needs`,
        mend: 'stop all processes that use the workspace, then move it to a local disk',
      },
    ]
  if (!inMemoryFileSystems.has(type)) return []
  return [
    {
      state: 'warning',
      message: `${name} ${inMemoryMessage}`,
      mend: 'move a workspace that must last to a directory on a disk',
    },
  ]
}

const findReadOnlyIssue = (dir: string): ReadonlyArray<Issue> =>
  accessError(dir, constants.W_OK) === 'EROFS'
    ? [
        {
          state: 'wrong',
          message: 'the file system is mounted read-only: nothing can be written',
          mend: 'if that is not intended, the kernel log (dmesg) shows the reason; mount it read-write again',
        },
      ]
    : []

const findSpaceIssues = (freeSpace: FreeSpace): ReadonlyArray<Issue> => {
  const { free_bytes: bytes, free_inodes: inodes = freeInodesMin } = freeSpace
  if (bytes >= freeBytesMin && inodes >= freeInodesMin) return []
  return [
    {
      state: bytes === 0 || inodes === 0 ? 'wrong' : 'warning',
      message: `only ${formatFreeSpace(freeSpace)} are free`,
      mend: 'free some disk space; commands that run out of space fail and change nothing',
    },
  ]
}

const units = ['KiB', 'MiB', 'GiB', 'TiB'] as const

/** Formats a size for people: `512 bytes`, `1.5 MiB`. */
const formatBytes = (bytes: number): string => {
  if (bytes < 1024) return pluralize(bytes, 'byte')
  const step = Math.min(units.length, Math.floor(Math.log2(bytes) / 10))
  return `${(Math.floor((bytes / 1024 ** step) * 10) / 10).toFixed(1)} ${units[step - 1]}`
}
