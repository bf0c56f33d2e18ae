import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import {
  findDifference,
  maxBytesOf,
  queueFileName,
  queueFileOnDisk,
  type TextDifference,
  writeQueueFile,
} from '@claimlog/queue-file'
import { msOf, type State } from '@claimlog/domain'
import { realDisk, realTimers } from '@claimlog/event-log-file'
import { firstDifference } from '@claimlog/messages'
import { type Finding, findingOf, type Flaw } from './check.ts'
import type { LogReading } from './log-reading.ts'

/** `queue.json` as it was found. `seq`: the line that it says it was made after. */
export type FoundProjection =
  | { readonly found: 'nothing' | 'a symbolic link' | 'no regular file' }
  | { readonly found: 'unreadable'; readonly detail: string }
  | FoundText

/** It stays open, as another process may put a newer file in its place. */
type FoundText = {
  readonly found: 'text'
  readonly seq: number | undefined
  readonly isBlank: boolean
  readonly bytes: number
  /** Where it differs from the `queue.json` of a state first; undefined: nowhere. */
  readonly differenceFrom: (state: State) => TextDifference | undefined
  readonly close: () => void
}

/** How the file compares to the log's state at the line that it names. */
export type Compared = { readonly difference: TextDifference | undefined }

/** Looks at `queue.json`, before the log is read, so that it is never newer than what is read. */
export const findProjection = (dir: string): FoundProjection => {
  const path = join(dir, queueFileName)
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return { found: 'nothing' }
  if (stats.isSymbolicLink()) return { found: 'a symbolic link' }
  if (!stats.isFile()) return { found: 'no regular file' }
  try {
    return foundText(realDisk.open(path, 'read'))
  } catch (thrown) {
    return { found: 'unreadable', detail: (thrown as Error).message }
  }
}

/** More than the end of a `queue.json` that names its seq. */
const endBytes = 256

const foundText = (fd: number): FoundProjection => {
  const { regular, size } = realDisk.fstat(fd)
  if (!regular) {
    realDisk.close(fd)
    return { found: 'no regular file' }
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

/** A command that has just written the log writes `queue.json` next. */
const lookAgainMs = 200

/** Whether `queue.json` is what the log says. `compared`: undefined where the log does not reach the line that it names. */
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
  if (mayLag(dir, bytes, state)) return upToDate(state.seq, 'may be some seconds behind in so large a workspace')
  if (isOnRequest(dir))
    return upToDate(state.seq, 'would have more than 64 MiB, and is written by claimlog replay only')
  const stands = first.found === 'text' && first.seq !== undefined ? `stands at seq ${first.seq}` : 'is empty'
  return findingOf('', [
    {
      state: 'warning',
      message: `${queueFileName} ${stands}, the log at ${state.seq}`,
      mend: 'claimlog replay brings it up to date',
    },
  ])
}

/** The seq that the file stands at by now, if it is up to date with the state, or newer. */
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

/** A file that is too large to be written by a command is brought up to date by another process, some seconds later. */
const mayLag = (dir: string, bytes: number, state: State): boolean =>
  (bytes > maxBytesOf.small || queueFileOnDisk(dir).readSizeMark()?.size === 'large') &&
  Date.now() - msOf(state.time) < lagMs

/** More than it takes to write the largest such file, and to wait for that. */
const lagMs = 15_000

const isOnRequest = (dir: string): boolean => queueFileOnDisk(dir).readSizeMark()?.size === 'huge'

const upToDate = (seq: number, how = `is what the log says at seq ${seq}`): Finding => ({
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
    case 'no regular file':
      return warning(
        `is ${projection.found}, and claimlog puts a file in its place`,
        'move it away, then claimlog replay; whoever reads it elsewhere should be given a copy',
      )
    case 'unreadable':
      return warning(`cannot be read: ${projection.detail}`, 'ask its owner for access')
    case 'text': {
      if (projection.isBlank) return 'stale'
      const difference = compared?.difference
      if (compared !== undefined && difference === undefined) return projection.seq === state.seq ? undefined : 'stale'
      return warning(
        difference === undefined
          ? 'was edited by hand, or comes from another log: this one was never where it says'
          : `was edited by hand: ${firstDifference(difference)}`,
        'claimlog import queue.json takes its tasks over; claimlog replay keeps it as queue.edited.json and writes it anew',
      )
    }
  }
}

const warning = (what: string, mend: string): Flaw => ({ state: 'warning', message: `${queueFileName} ${what}`, mend })
