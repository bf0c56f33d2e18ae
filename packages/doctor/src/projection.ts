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
import { describeDifference } from '@claimlog/messages'
import { type Finding, combineIssues, type Issue } from './finding.ts'
import type { LogScan } from './log-reading.ts'

/** `queue.json` as found on disk. */
export type ProjectionFile =
  | { readonly _tag: 'nothing' | 'a symbolic link' | 'not a regular file' }
  | { readonly _tag: 'unreadable'; readonly detail: string }
  | ProjectionText

/**
 * The file stays open, as another process may replace it with a newer one. `seq`: the last event it was computed from.
 */
type ProjectionText = {
  readonly _tag: 'text'
  readonly seq: number | undefined
  readonly isBlank: boolean
  readonly bytes: number
  /** Returns the first difference from the `queue.json` of a state; undefined if there is none. */
  readonly compare: (state: State) => TextDifference | undefined
  readonly close: () => void
}

/** The comparison of the file with the state of the log at the file's seq. */
export type ProjectionComparison = { readonly difference: TextDifference | undefined }

/** Opens `queue.json` before the log is read, so that the file is never newer than the events that are read. */
export const openProjection = (dir: string): ProjectionFile => {
  const path = join(dir, queueFileName)
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return { _tag: 'nothing' }
  if (stats.isSymbolicLink()) return { _tag: 'a symbolic link' }
  if (!stats.isFile()) return { _tag: 'not a regular file' }
  try {
    return readProjection(realDisk.open(path, 'read'))
  } catch (thrown) {
    return { _tag: 'unreadable', detail: (thrown as Error).message }
  }
}

/** More than the length of the end of a `queue.json` with its seq. */
const endBytes = 256

const readProjection = (fd: number): ProjectionFile => {
  const { regular, size } = realDisk.fstat(fd)
  if (!regular) {
    realDisk.close(fd)
    return { _tag: 'not a regular file' }
  }
  const bytes = Buffer.alloc(endBytes)
  const length = realDisk.read(fd, bytes, 0, endBytes, Math.max(0, size - endBytes))
  const end = bytes.toString('latin1', 0, length)
  const seqText = /"seq": (\d+)\n\}\n$/.exec(end)?.[1]
  return {
    _tag: 'text',
    seq: seqText === undefined ? undefined : Number(seqText),
    isBlank: size <= endBytes && end.trim() === '',
    bytes: size,
    compare: state => findDifference(fd, onText => writeQueueFile(state, onText)),
    close: () => realDisk.close(fd),
  }
}

/** A command that has just appended to the log writes `queue.json` next. */
const recheckDelayMs = 200

/** Checks `queue.json` against the log. `comparison`: undefined if the log does not have the file's seq. */
export const checkProjection = async (
  dir: string,
  projection: ProjectionFile,
  comparison: ProjectionComparison | undefined,
  { state }: Pick<LogScan, 'state'>,
): Promise<Finding> => {
  const issue = findIssue(projection, comparison, state)
  if (issue !== undefined && issue !== 'stale') return combineIssues('', [issue])
  if (issue === undefined) return upToDateFinding(state.seq)
  await realTimers.sleep(recheckDelayMs)
  const currentSeq = rereadSeq(dir, state)
  if (currentSeq !== undefined) return upToDateFinding(currentSeq)
  const bytes = projection._tag === 'text' ? projection.bytes : 0
  if (mayLag(dir, bytes, state))
    return upToDateFinding(state.seq, 'may be some seconds behind in a workspace of this size')
  if (isWrittenOnRequest(dir))
    return upToDateFinding(state.seq, 'would be larger than 64 MiB, so only claimlog replay writes it')
  const position =
    projection._tag === 'text' && projection.seq !== undefined ? `is at seq ${projection.seq}` : 'is empty'
  return combineIssues('', [
    {
      state: 'warning',
      message: `${queueFileName} ${position}, and the log is at seq ${state.seq}`,
      mend: 'claimlog replay updates it',
    },
  ])
}

/** Reads the file's seq again; undefined unless the file is up to date with the state, or newer. */
const rereadSeq = (dir: string, state: State): number | undefined => {
  const current = openProjection(dir)
  if (current._tag !== 'text') return undefined
  try {
    if ((current.seq ?? 0) > state.seq) return current.seq
    return current.compare(state) === undefined ? state.seq : undefined
  } finally {
    current.close()
  }
}

/** True if another process updates the file some seconds later because it is too large for a command to write. */
const mayLag = (dir: string, bytes: number, state: State): boolean =>
  (bytes > bytesMaxBySize.small || queueFileOnDisk(dir).readSizeMark()?.size === 'large') &&
  Date.now() - timeToMs(state.time) < lagMsMax

/** More than the time to wait for and write the largest such file. */
const lagMsMax = 15_000

const isWrittenOnRequest = (dir: string): boolean => queueFileOnDisk(dir).readSizeMark()?.size === 'huge'

const upToDateFinding = (seq: number, predicate = `agrees with the log at seq ${seq}`): Finding => ({
  ...combineIssues(`${queueFileName} ${predicate}`, []),
  seq,
})

const findIssue = (
  projection: ProjectionFile,
  comparison: ProjectionComparison | undefined,
  state: State,
): Issue | 'stale' | undefined => {
  switch (projection._tag) {
    case 'nothing':
      return projectionIssue('is missing', 'claimlog replay writes it')
    case 'a symbolic link':
    case 'not a regular file':
      return projectionIssue(
        `is ${projection._tag}, and claimlog replaces it with a file`,
        'move it away, then run claimlog replay; give programs that read it elsewhere a copy',
      )
    case 'unreadable':
      return projectionIssue(`cannot be read: ${projection.detail}`, 'ask its owner for access')
    case 'text': {
      if (projection.isBlank) return 'stale'
      const difference = comparison?.difference
      if (comparison !== undefined && difference === undefined)
        return projection.seq === state.seq ? undefined : 'stale'
      return projectionIssue(
        difference === undefined
          ? 'was edited by hand, or comes from a different log: this log never had its seq'
          : `was edited by hand: ${describeDifference(difference)}`,
        'claimlog import queue.json imports its tasks; claimlog replay keeps it as queue.edited.json and writes a new one',
      )
    }
  }
}

const projectionIssue = (predicate: string, mend: string): Issue => ({
  state: 'warning',
  message: `${queueFileName} ${predicate}`,
  mend,
})
