import type { DamageCause } from '@claimlog/event-log'
import { chainProblem, hashOf, isChained, type Position } from '../format/line.ts'
import { copyBytes, type OpenFile } from '../disk/log-file.ts'

/** Why a line is not the one that follows, and how that came to be, if it is known. */
export type DamageFound = { readonly detail: string; readonly cause?: DamageCause }

/** A line that git writes around the sides of a conflict; `conflict-marker-size` can make it longer. */
const conflictMarker = /^(<{7,}|\|{7,}|={7,}|>{7,})(?: (.*))?\r?$/

/** The marker that a line is, and what stands after it; undefined: it is none. */
export const conflictMarkerIn = (line: string): { readonly marker: string; readonly label?: string } | undefined => {
  const [, marker, label] = conflictMarker.exec(line) ?? []
  return marker === undefined ? undefined : { marker, label }
}

/** Looks at a line of the open file that is not chained to the one at `place`, and at what stands before it. */
export const causeOfBreak = (file: OpenFile, line: string, place: Position): DamageFound => {
  if (conflictMarkerIn(line) !== undefined)
    return {
      detail: `git's conflict marker ${line.trimEnd().slice(0, 80)} stands here: two copies of this log went on apart, and git merged them as text`,
      cause: 'conflict_markers',
    }
  if (place.seq === 0 && line.startsWith('version https://git-lfs.'))
    return { detail: 'it is a reference that git LFS wrote: the log itself was not fetched', cause: 'pointer' }
  if (place.seq === 0 && /^\/?annex\/objects\//.test(line))
    return { detail: 'it is a reference that git-annex wrote: the log itself was not fetched', cause: 'pointer' }
  if (line.endsWith('\r') && isChained(place.hash, line.slice(0, -1)))
    return {
      detail: 'it ends in \\r\\n: git (core.autocrlf) or an editor changed the line ends',
      cause: 'line_endings',
    }
  const forked = forkedFrom(file, line, place)
  if (forked === 0)
    return { detail: 'it is line 1 of another log: two logs were put into one file', cause: 'merged_histories' }
  if (forked !== undefined)
    return {
      detail: `it follows line ${forked} and not line ${place.seq}: two copies of this log went on apart, and their lines were put into one file`,
      cause: 'merged_histories',
    }
  return { detail: chainProblem(line, place.seq + 1) }
}

/** The line further up that `line` is chained to, where another one follows that already; undefined: there is none. */
const forkedFrom = (file: OpenFile, line: string, { seq: last, offset }: Position): number | undefined => {
  const hash = hashOf(line)
  const seq = Number(/^\{"seq":(\d{1,15}),/.exec(line)?.[1] ?? NaN)
  if (hash === undefined || !(seq >= 1 && seq <= last)) return undefined
  const [before = '', same] = linesAt(file, offset, seq - 1)
  const isFork = hashOf(same ?? '') !== hash && isChained(seq === 1 ? '' : (hashOf(before) ?? ''), line)
  return isFork ? seq - 1 : undefined
}

/** Line `first` (from 1; 0 is no line) and the one after it, of the file up to byte `size`, as far as their hashes go. */
const linesAt = (file: OpenFile, size: number, first: number): ReadonlyArray<string> => {
  let line = 1
  const found = ['', '']
  copyBytes(file, 0, size, chunk => {
    for (let at = 0; at < chunk.length && line <= first + 1;) {
      const newline = chunk.indexOf(0x0a, at)
      const end = newline === -1 ? chunk.length : newline
      if (line >= first) found[line - first] += chunk.toString('latin1', at, end)
      if (newline === -1) return
      line += 1
      at = end + 1
    }
  })
  return found
}
