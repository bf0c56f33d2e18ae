import { lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { queueFileName } from '@claimlog/coordinator/workspace'
import { maxOpenWrittenAtOnce, msOf } from '@claimlog/domain'
import { realDisk, realTimers } from '@claimlog/event-log-file'
import { firstDifference } from '../first-difference.ts'
import { type Finding, findingOf, type Flaw } from './check.ts'
import type { LogReading } from './log-reading.ts'

/** `queue.json` as it was found. `seq`: the line that it says it was made after. */
export type FoundProjection =
  | { readonly found: 'nothing' | 'a symbolic link' | 'no regular file' }
  | { readonly found: 'unreadable'; readonly detail: string }
  | { readonly found: 'text'; readonly text: string; readonly seq: number | undefined }

/** Looks at `queue.json`, before the log is read, so that it is never newer than what is read. */
export const findProjection = (dir: string): FoundProjection => {
  const path = join(dir, queueFileName)
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return { found: 'nothing' }
  if (stats.isSymbolicLink()) return { found: 'a symbolic link' }
  if (!stats.isFile()) return { found: 'no regular file' }
  try {
    const text = textAt(path)
    const named = /"seq": (\d+)\n\}\n$/.exec(text)?.[1]
    return { found: 'text', text, seq: named === undefined ? undefined : Number(named) }
  } catch (thrown) {
    return { found: 'unreadable', detail: (thrown as Error).message }
  }
}

const textAt = (path: string): string => {
  const fd = realDisk.open(path, 'read')
  try {
    return realDisk.fstat(fd).regular ? readFileSync(fd, 'utf8') : ''
  } finally {
    realDisk.close(fd)
  }
}

/** A command that has just written the log writes `queue.json` next. */
const lookAgainMs = 200

/** Whether `queue.json` is what the log says. */
export const checkProjection = async (dir: string, first: FoundProjection, reading: LogReading): Promise<Finding> => {
  const flaw = flawOf(first, reading)
  if (flaw !== undefined && flaw !== 'stale') return findingOf('', [flaw])
  if (flaw === undefined) return upToDate(reading.state.seq)
  await realTimers.sleep(lookAgainMs)
  const second = findProjection(dir)
  if (second.found === 'text' && (second.seq ?? 0) > reading.state.seq) return upToDate(second.seq as number)
  if (second.found === 'text' && second.text === reading.queueTextNow()) return upToDate(reading.state.seq)
  if (mayLag(reading)) return upToDate(reading.state.seq, 'may be some seconds behind in so large a workspace')
  const stands = first.found === 'text' && first.seq !== undefined ? `stands at seq ${first.seq}` : 'is empty'
  return findingOf('', [
    {
      state: 'warning',
      message: `${queueFileName} ${stands}, the log at ${reading.state.seq}`,
      mend: 'claimlog replay brings it up to date',
    },
  ])
}

/** In a workspace with many open tasks another process brings the file up to date, some seconds after a change. */
const mayLag = ({ state }: LogReading): boolean =>
  state.table.count('open', '') > maxOpenWrittenAtOnce && Date.now() - msOf(state.time) < lagMs

/** More than it takes to write a million tasks, and to wait for that. */
const lagMs = 15_000

const upToDate = (seq: number, how = `is what the log says at seq ${seq}`): Finding => ({
  ...findingOf(`${queueFileName} ${how}`, []),
  seq,
})

const flawOf = (projection: FoundProjection, { state, queueTextThen }: LogReading): Flaw | 'stale' | undefined => {
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
      const { text, seq } = projection
      if (text.trim() === '') return 'stale'
      if (text === queueTextThen) return seq === state.seq ? undefined : 'stale'
      return warning(
        queueTextThen === undefined
          ? 'was edited by hand, or comes from another log: this one was never where it says'
          : `was edited by hand: ${firstDifference(text, queueTextThen)}`,
        'claimlog import queue.json takes its tasks over; claimlog replay keeps it as queue.edited.json and writes it anew',
      )
    }
  }
}

const warning = (what: string, mend: string): Flaw => ({ state: 'warning', message: `${queueFileName} ${what}`, mend })
