import { type DamageReport, describeChainBreak, readHash, isChained, type LogPosition } from '@claimlog/event-log-line'
import { forEachChunk, type OpenFile } from '../disk/log-file.ts'

/** A line that git writes around the sides of a conflict; `conflict-marker-size` can make it longer. */
const conflictMarker = /^(<{7,}|\|{7,}|={7,}|>{7,})(?: (.*))?\r?$/

/** Parses a conflict marker and its label; undefined: the line is none. */
export const parseConflictMarker = (line: string): { readonly marker: string; readonly label?: string } | undefined => {
  const [, marker, label] = conflictMarker.exec(line) ?? []
  return marker === undefined ? undefined : { marker, label }
}

/**
 * Finds the reason why a line of the open file is not chained to the one at `position`, from the line and those before
 * it.
 */
export const findBreakCause = (file: OpenFile, line: string, position: LogPosition): DamageReport => {
  if (parseConflictMarker(line) !== undefined)
    return {
      detail: `it is git's conflict marker ${line.trimEnd().slice(0, 80)}: two copies of this log diverged, and git merged them as text`,
      cause: 'conflict_markers',
    }
  if (position.seq === 0 && line.startsWith('version https://git-lfs.'))
    return { detail: 'it is a git LFS pointer: the log itself was not fetched', cause: 'pointer' }
  if (position.seq === 0 && /^\/?annex\/objects\//.test(line))
    return { detail: 'it is a git-annex pointer: the log itself was not fetched', cause: 'pointer' }
  if (line.endsWith('\r') && isChained(position.hash, line.slice(0, -1)))
    return {
      detail: 'it ends in \\r\\n: git (core.autocrlf) or an editor changed the line endings',
      cause: 'line_endings',
    }
  const forkSeq = findForkSeq(file, line, position)
  if (forkSeq === 0)
    return { detail: 'it is line 1 of another log: two logs were put into one file', cause: 'merged_histories' }
  if (forkSeq !== undefined)
    return {
      detail: `it follows line ${forkSeq} and not line ${position.seq}: two copies of this log diverged, and their lines were put into one file`,
      cause: 'merged_histories',
    }
  return { detail: describeChainBreak(line, position.seq + 1) }
}

/** The earlier line that `line` is chained to, if another line already follows that one; undefined: there is none. */
const findForkSeq = (file: OpenFile, line: string, { seq: last, offset }: LogPosition): number | undefined => {
  const hash = readHash(line)
  const seq = Number(/^\{"seq":(\d{1,15}),/.exec(line)?.[1] ?? NaN)
  if (hash === undefined || !(seq >= 1 && seq <= last)) return undefined
  const [previousLine = '', sameSeqLine] = readTwoLines(file, offset, seq - 1)
  const isFork =
    readHash(sameSeqLine ?? '') !== hash && isChained(seq === 1 ? '' : (readHash(previousLine) ?? ''), line)
  return isFork ? seq - 1 : undefined
}

/**
 * Line `first` (from 1; 0 is no line) and the next one, from the file up to byte `size`, in latin1, enough for their
 * hashes.
 */
const readTwoLines = (file: OpenFile, size: number, first: number): ReadonlyArray<string> => {
  let line = 1
  const lines = ['', '']
  forEachChunk(file, 0, size, chunk => {
    for (let start = 0; start < chunk.length && line <= first + 1;) {
      const newline = chunk.indexOf(0x0a, start)
      const end = newline === -1 ? chunk.length : newline
      if (line >= first) lines[line - first] += chunk.toString('latin1', start, end)
      if (newline === -1) return
      line += 1
      start = end + 1
    }
  })
  return lines
}
