import { closeSync, constants, existsSync, openSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf, firstBytes } from '@claimlog/event-log-file'
import { derivedFiles } from './queue-file-on-disk.ts'
import { writeText } from './text-in-parts.ts'

/**
 * How much of a workspace `queue.json` has, by its bytes:
 *
 * | size | has | is brought up to date |
 * |---|---|---|
 * | `small` | up to 4 MiB | before a command returns |
 * | `large` | up to 64 MiB | within 5 s, by another process if one may be started |
 * | `huge` | more | on request |
 */
export type QueueFileSize = 'small' | 'large' | 'huge'

export const maxBytesOf = { small: 4 * 1024 * 1024, large: 64 * 1024 * 1024, huge: Infinity } as const

export const sizeOf = (bytes: number): QueueFileSize =>
  bytes <= maxBytesOf.small ? 'small' : bytes <= maxBytesOf.large ? 'large' : 'huge'

/**
 * A mark in `derived/` that says that the text was found too large to be written. Nothing else knows it without making
 * the text: the file that is there is of before.
 */
export type SizeMark = {
  readonly size: Exclude<QueueFileSize, 'small'>
  /** How many tasks were open then: once there are clearly fewer, it is worth another try. */
  readonly open: number
  /** Whether a person was told. */
  readonly told: boolean
}

/** So many of the tasks that were open then must be finished before a huge file is tried again. */
const fewer = 0.9

/** The mark beside a `queue.json`. One that is missing or damaged costs a try, and nothing else. */
export type SizeMarkOnDisk = {
  readonly read: () => SizeMark | undefined
  readonly write: (mark: SizeMark) => void
  readonly forget: () => void
}

export const sizeMarkOnDisk = (dir: string): SizeMarkOnDisk => {
  const path = join(dir, derivedFiles.size)
  // Nearly always there is none: asking costs a tenth of an error that is thrown.
  const forget = (): void => {
    if (!existsSync(path)) return
    try {
      unlinkSync(path)
    } catch (thrown) {
      if (codeOf(thrown) !== 'ENOENT') throw thrown
    }
  }
  return {
    read: () => {
      if (!existsSync(path)) return undefined
      const [, size, open, told] = /^(large|huge) (\d{1,15}) (told|untold) $/.exec(firstBytes(path)) ?? []
      return size === undefined
        ? undefined
        : { size: size as SizeMark['size'], open: Number(open), told: told === 'told' }
    },
    write: ({ size, open, told }) => {
      forget()
      const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o666)
      try {
        writeText(fd, write => write(`${size} ${open} ${told ? 'told' : 'untold'} `))
      } finally {
        closeSync(fd)
      }
    },
    forget,
  }
}

/** The size that `queue.json` is expected to have: of the file that is there, or of a text that was not written. */
export const expectedSize = (bytesOnDisk: number, mark: SizeMark | undefined, open: number): QueueFileSize => {
  if (mark?.size === 'huge' && open >= mark.open * fewer) return 'huge'
  return mark !== undefined || bytesOnDisk > maxBytesOf.small ? 'large' : 'small'
}
