import { constants, statSync } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import { emptyState, type Event, fold, lineCodec, type State } from '@claimlog/domain'
import type { LogCursor, EventLog } from '@claimlog/event-log'
import { readSlice, readHead, headBytes, openFileLog, withDescriptor } from '@claimlog/event-log-file'
import { identityOf, queueFileOnDisk, type QueueFileOnDisk } from './disk.ts'
import { holdsText } from './text-in-parts.ts'
import { writeQueueFile } from './text.ts'

/** A file without a stamp: its identity at the time, the seq in its text, and its origin. */
export type Judged = { readonly identity: string; readonly seq: number | undefined; readonly is: Judgement }

/** The file's origin: written by claimlog from this log; from a log with more or other events; edited by hand. */
type Judgement = 'ours' | 'ahead' | 'edited'

/**
 * Classifies a file by its text, which must be the state of the log at the seq in it. An empty file is not an edit.
 * `isSeenHeld`: true if the log still contains the event after which the file was last written; undefined: not known.
 */
export const judgeFile = async (
  file: QueueFileOnDisk,
  log: EventLog<Event>,
  current: () => State,
  isSeenHeld: () => Promise<boolean | undefined>,
): Promise<Judged> => {
  const { identity, seq, isEmpty } = readQueueFile(file.path)
  const judged = async (): Promise<Judgement> => {
    if (isEmpty) return 'ours'
    if (seq === undefined) return 'edited'
    const then = await stateAt(log, seq, current)
    if (then !== undefined && holdsStateAt(file.path, then)) return 'ours'
    const isHeld = await isSeenHeld()
    // The last write was from this history: whatever the file contains, the log was not restored since.
    if (isHeld !== undefined) return isHeld ? 'edited' : 'ahead'
    return then === undefined ? 'ahead' : 'edited'
  }
  return { identity, seq, is: await judged() }
}

/** Reads the file's identity, which changes with every change of it, the seq in its text, and if it is blank. */
export const readQueueFile = (
  path: string,
): { readonly identity: string; readonly seq: number | undefined; readonly isEmpty: boolean } => {
  // The identity is read first: if the file changes in between, it is checked again.
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  const nothing = { identity: stats === undefined ? '' : identityOf(stats), seq: undefined, isEmpty: true }
  // Reading a named pipe would block until another process writes to it.
  if (stats?.isFile() !== true) return nothing
  const size = Number(stats.size)
  if (size <= headBytes && readHead(path).trim() === '') return nothing
  const seq = /"seq": (\d+)\n\}\n$/.exec(readSlice(path, Math.max(0, size - headBytes)))?.[1]
  return { ...nothing, seq: seq === undefined ? undefined : Number(seq), isEmpty: false }
}

const holdsStateAt = (path: string, state: State): boolean =>
  withDescriptor(path, constants.O_RDONLY | constants.O_NONBLOCK, fd =>
    holdsText(fd, take => writeQueueFile(state, take)),
  )

/** True if the log has an event `seq` by now. */
export const logReaches = async (log: EventLog<Event>, seq: number, current: () => State): Promise<boolean> => {
  const end = await log.read(current().seq, () => undefined)()
  return E.isRight(end) && end.right >= seq
}

/** The state at `seq`; undefined: the log is shorter. */
const stateAt = async (log: EventLog<Event>, seq: number, current: () => State): Promise<State | undefined> => {
  if (current().seq === seq) return current()
  let past = emptyState()
  const end = await log.read(0, batch => {
    const until = batch.filter(event => event.seq <= seq)
    past = fold(past, until)
  })()
  return E.isRight(end) && past.seq === seq ? past : undefined
}

/** The log ends at `seq`, but `queue.json` was written from it at `seenSeq`, when it had more or other events. */
export type Rewind = {
  readonly seq: number
  readonly seenSeq: number
  /** True if `queue.json` was written from the log of another workspace. */
  readonly isOther: boolean
}

/**
 * Reads `queue.json` in `dir` now; the result, called once the log was read up to `end`, reports if the log was
 * restored to an earlier state after the file was written. Changes nothing.
 */
export const rewindFinder = (dir: string): ((end: State) => Promise<Rewind | undefined>) => {
  const file = queueFileOnDisk(dir)
  const { lastSeen } = file.inspect()
  const { seq: named = 0 } = readQueueFile(file.path)
  return async ({ seq, workspace }) => {
    const isHeld = lastSeen === undefined ? undefined : await isHeldIn(dir, lastSeen)
    // After line 1 nothing could be missing.
    if (isHeld === true || (lastSeen?.seq ?? named) <= 1) return undefined
    if (isHeld === false && lastSeen !== undefined) {
      const isOther = lastSeen.workspace !== undefined && lastSeen.workspace !== workspace?.id
      return { seq, seenSeq: lastSeen.seq, isOther }
    }
    return named > seq ? { seq, seenSeq: named, isOther: false } : undefined
  }
}

/** undefined: the log cannot be read. */
const isHeldIn = async (dir: string, bookmark: LogCursor): Promise<boolean | undefined> => {
  const log = await openFileLog<Event>({ dir, codec: lineCodec })()
  if (E.isLeft(log)) return undefined
  const isHeld = await log.right.contains(bookmark)()
  await log.right.close()
  return E.isRight(isHeld) ? isHeld.right : undefined
}
