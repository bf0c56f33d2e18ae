import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import {
  findDifference,
  bytesMaxBySize,
  queueFileName,
  queueFileOnDisk,
  type TextDifference,
  writeQueueFile,
} from '@claimlog/queue-file'
import { timeToMs, type State } from '@claimlog/domain'
import { realDisk, realTimers } from '@claimlog/event-log-file'
import { firstDifference } from '@claimlog/messages'
import { type Finding, findingOf, type Flaw } from './check.ts'
import type { LogReading } from './log-reading.ts'

/** `queue.json` as found on disk. */
export type FoundProjection =
  | { readonly found: 'nothing' | 'a symbolic link' | 'not a regular file' }
  | { readonly found: 'unreadable'; readonly detail: string }
  | FoundText

/**
 * The file stays open, as another process may replace it with a newer one. `seq`: the last event it was computed from.
 */
type FoundText = {
  readonly found: 'text'
  readonly seq: number | undefined
  readonly isBlank: boolean
  readonly bytes: number
  /** Returns the first difference from the `queue.json` of a state; undefined if there is none. */
  readonly differenceFrom: (state: State) => TextDifference | undefined
  readonly close: () => void
}

/** The comparison of the file with the state of the log at the file's seq. */
export type Compared = { readonly difference: TextDifference | undefined }

/** Opens `queue.json` before the log is read, so that the file is never newer than the events that are read. */
export const findProjection = (dir: string): FoundProjection => {
  const path = join(dir, queueFileName)
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return { found: 'nothing' }
  if (stats.isSymbolicLink()) return { found: 'a symbolic link' }
  if (!stats.isFile()) return { found: 'not a regular file' }
  try {
    return foundText(realDisk.open(path, 'read'))
  } catch (thrown) {
    return { found: 'unreadable', detail: (thrown as Error).message }
  }
}

/** More than the length of the end of a `queue.json` with its seq. */
const endBytes = 256

const foundText = (fd: number): FoundProjection => {
  const { regular, size } = realDisk.fstat(fd)
  if (!regular) {
    realDisk.close(fd)
    return { found: 'not a regular file' }
  }
  const bytes = Buffer.alloc(endBytes)
  const length = realDisk.read(fd, bytes, 0, endBytes, Math.max(0, size - endBytes))
  const end = bytes.toString('latin1', 0, length)
  const named = /"seq": (\d+)\n\}\n$/.exec(end)?.[1]
  return {
    found: 'text',
    seq: named === undefined ? undefined : Number(named),
    isBlank: size <= endBytes && end.trim() === '',
    bytes: size,
    differenceFrom: state => findDifference(fd, take => writeQueueFile(state, take)),
    close: () => realDisk.close(fd),
  }
}

/** A command that has just appended to the log writes `queue.json` next. */
const lookAgainMs = 200

/** Checks `queue.json` against the log. `comparison`: undefined if the log does not have the file's seq. */
export const checkProjection = async (
  dir: string,
  first: FoundProjection,
  compared: Compared | undefined,
  { state }: Pick<LogReading, 'state'>,
): Promise<Finding> => {
  const flaw = flawOf(first, compared, state)
  if (flaw !== undefined && flaw !== 'stale') return findingOf('', [flaw])
  if (flaw === undefined) return upToDate(state.seq)
  await realTimers.sleep(lookAgainMs)
  const nowAt = seqNow(dir, state)
  if (nowAt !== undefined) return upToDate(nowAt)
  const bytes = first.found === 'text' ? first.bytes : 0
  if (mayLag(dir, bytes, state)) return upToDate(state.seq, 'may be some seconds behind in a workspace of this size')
  if (isOnRequest(dir)) return upToDate(state.seq, 'would be larger than 64 MiB, so only claimlog replay writes it')
  const stands = first.found === 'text' && first.seq !== undefined ? `is at seq ${first.seq}` : 'is empty'
  return findingOf('', [
    {
      state: 'warning',
      message: `${queueFileName} ${stands}, and the log is at seq ${state.seq}`,
      mend: 'claimlog replay updates it',
    },
  ])
}

/** Reads the file's seq again; undefined unless the file is up to date with the state, or newer. */
const seqNow = (dir: string, state: State): number | undefined => {
  const second = findProjection(dir)
  if (second.found !== 'text') return undefined
  try {
    if ((second.seq ?? 0) > state.seq) return second.seq
    return second.differenceFrom(state) === undefined ? state.seq : undefined
  } finally {
    second.close()
  }
}

/** True if another process updates the file some seconds later because it is too large for a command to write. */
const mayLag = (dir: string, bytes: number, state: State): boolean =>
  (bytes > bytesMaxBySize.small || queueFileOnDisk(dir).readSizeMark()?.size === 'large') &&
  Date.now() - timeToMs(state.time) < lagMs

/** More than the time to wait for and write the largest such file. */
const lagMs = 15_000

const isOnRequest = (dir: string): boolean => queueFileOnDisk(dir).readSizeMark()?.size === 'huge'

const upToDate = (seq: number, how = `agrees with the log at seq ${seq}`): Finding => ({
  ...findingOf(`${queueFileName} ${how}`, []),
  seq,
})

const flawOf = (
  projection: FoundProjection,
  compared: Compared | undefined,
  state: State,
): Flaw | 'stale' | undefined => {
  switch (projection.found) {
    case 'nothing':
      return warning('is missing', 'claimlog replay writes it')
    case 'a symbolic link':
    case 'not a regular file':
      return warning(
        `is ${projection.found}, and claimlog replaces it with a file`,
        'move it away, then run claimlog replay; give programs that read it elsewhere a copy',
      )
    case 'unreadable':
      return warning(`cannot be read: ${projection.detail}`, 'ask its owner for access')
    case 'text': {
      if (projection.isBlank) return 'stale'
      const difference = compared?.difference
      if (compared !== undefined && difference === undefined) return projection.seq === state.seq ? undefined : 'stale'
      return warning(
        difference === undefined
          ? 'was edited by hand, or comes from a different log: this log never had its seq'
          : `was edited by hand: ${firstDifference(difference)}`,
        'claimlog import queue.json imports its tasks; claimlog replay keeps it as queue.edited.json and writes a new one',
      )
    }
  }
}

const warning = (what: string, mend: string): Flaw => ({ state: 'warning', message: `${queueFileName} ${what}`, mend })
