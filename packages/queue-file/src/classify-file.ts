import { constants, statSync } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import { emptyState, type Event, fold, lineCodec, type State } from '@claimlog/domain'
import type { LogCursor, EventLog } from '@claimlog/event-log'
import { readSlice, readHead, headBytes, openFileLog, withDescriptor } from '@claimlog/event-log-file'
import { fileIdentity, type LastSeenLog, queueFileOnDisk, type QueueFileOnDisk } from './disk.ts'
import { hasText } from './chunked-text.ts'
import { writeQueueFile } from './queue-file-text.ts'

/**
 * The state of `queue.json`, compared with the log as far as this process has read it. README.md draws the transitions.
 */
export type FileState =
  | { readonly _tag: 'Absent' }
  /** We wrote it, up to the requested event. */
  | { readonly _tag: 'Current' }
  /** We wrote it, from an earlier state of this log. */
  | StaleFile
  /**
   * We wrote it from more events than were read here: another process knows more, or the log was restored. Ask the log.
   */
  | { readonly _tag: 'Beyond'; readonly seq: number }
  /** No process has stamped it. Its text and the log show its origin. */
  | { readonly _tag: 'Unknown' }
  /** A person edited it. */
  | { readonly _tag: 'Edited' }
  /** We wrote it at `seenSeq`, when the log had more or other events. */
  | { readonly _tag: 'Ahead'; readonly seenSeq: number; readonly lastSeen: LastSeenLog | undefined }

/** The file as written from an earlier state. */
export type StaleFile = {
  readonly _tag: 'Behind'
  readonly identity: string
  /** The seq of its text, which can be updated: the log contains the very event that it was written after. */
  readonly updatableSeq?: number
  /** The seq in its text, if the process that wrote it died before it could stamp it. */
  readonly unstampedSeq?: number
}

/** A file without a stamp: its identity at the time, the seq in its text, and its origin. */
export type ClassifiedFile = {
  readonly identity: string
  readonly seq: number | undefined
  readonly origin: FileOrigin
}

/** The file's origin: written by claimlog from this log; from a log with more or other events; edited by hand. */
type FileOrigin = 'ours' | 'ahead' | 'edited'

/** Answers of the log since the last check. */
export type LogAnswers = {
  /** The log cursor of a stamp, and if the log contains it: then the file was written from this very history. */
  readonly cursorCheck?: { readonly location: string; readonly isInLog: boolean }
  /** The result for the file that was classified. */
  readonly classified?: ClassifiedFile
  /** A stamped seq that the log does not reach: it was restored to an earlier state. */
  readonly unreachedSeq?: number
}

/**
 * Classifies a file by its text, which must be the state of the log at the seq in it. An empty file is not an edit.
 * `isLastSeenInLog`: true if the log still contains the event after which the file was last written; undefined: not known.
 */
export const classifyFile = async (
  file: QueueFileOnDisk,
  log: EventLog<Event>,
  current: () => State,
  isLastSeenInLog: () => Promise<boolean | undefined>,
): Promise<ClassifiedFile> => {
  const { identity, seq, isEmpty } = readQueueFile(file.path)
  const classify = async (): Promise<FileOrigin> => {
    if (isEmpty) return 'ours'
    if (seq === undefined) return 'edited'
    const pastState = await readPastState(log, seq, current)
    if (pastState !== undefined && hasTextOfState(file.path, pastState)) return 'ours'
    const isInLog = await isLastSeenInLog()
    // The last write was from this history: whatever the file contains, the log was not restored since.
    if (isInLog !== undefined) return isInLog ? 'edited' : 'ahead'
    return pastState === undefined ? 'ahead' : 'edited'
  }
  return { identity, seq, origin: await classify() }
}

/** Reads the file's identity, which changes with every change of it, the seq in its text, and if it is blank. */
export const readQueueFile = (
  path: string,
): { readonly identity: string; readonly seq: number | undefined; readonly isEmpty: boolean } => {
  // The identity is read first: if the file changes in between, it is checked again.
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  const blank = { identity: stats === undefined ? '' : fileIdentity(stats), seq: undefined, isEmpty: true }
  // Reading a named pipe would block until another process writes to it.
  if (stats?.isFile() !== true) return blank
  const size = Number(stats.size)
  if (size <= headBytes && readHead(path).trim() === '') return blank
  const seq = /"seq": (\d+)\n\}\n$/.exec(readSlice(path, Math.max(0, size - headBytes)))?.[1]
  return { ...blank, seq: seq === undefined ? undefined : Number(seq), isEmpty: false }
}

const hasTextOfState = (path: string, state: State): boolean =>
  withDescriptor(path, constants.O_RDONLY | constants.O_NONBLOCK, fd =>
    hasText(fd, consume => writeQueueFile(state, consume)),
  )

/** True if the log has an event `seq` by now. */
export const isInReach = async (log: EventLog<Event>, seq: number, current: () => State): Promise<boolean> => {
  const end = await log.read(current().seq, () => undefined)()
  return E.isRight(end) && end.right >= seq
}

/** The state at `seq`; undefined: the log is shorter. */
const readPastState = async (log: EventLog<Event>, seq: number, current: () => State): Promise<State | undefined> => {
  if (current().seq === seq) return current()
  let past = emptyState()
  const end = await log.read(0, batch => {
    const upToSeq = batch.filter(event => event.seq <= seq)
    past = fold(past, upToSeq)
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
  const { seq: fileSeq = 0 } = readQueueFile(file.path)
  return async ({ seq, workspace }) => {
    const isInLog = lastSeen === undefined ? undefined : await isCursorInLog(dir, lastSeen)
    // After line 1 nothing could be missing.
    if (isInLog === true || (lastSeen?.seq ?? fileSeq) <= 1) return undefined
    if (isInLog === false && lastSeen !== undefined) {
      const isOther = lastSeen.workspace !== undefined && lastSeen.workspace !== workspace?.id
      return { seq, seenSeq: lastSeen.seq, isOther }
    }
    return fileSeq > seq ? { seq, seenSeq: fileSeq, isOther: false } : undefined
  }
}

/** undefined: the log cannot be read. */
const isCursorInLog = async (dir: string, cursor: LogCursor): Promise<boolean | undefined> => {
  const log = await openFileLog<Event>({ dir, codec: lineCodec })()
  if (E.isLeft(log)) return undefined
  const isInLog = await log.right.contains(cursor)()
  await log.right.close()
  return E.isRight(isInLog) ? isInLog.right : undefined
}
