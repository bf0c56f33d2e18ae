import { dirname, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { countOpen, type Event, type State, type TaskId } from '@claimlog/domain'
import type { LogCursor, EventLog, IoFailed, LockTimeout } from '@claimlog/event-log'
import { logFileName, withLockFile } from '@claimlog/event-log-file'
import {
  aheadFileName,
  derivedFiles,
  derivedFolderProblem,
  editedFileName,
  type Inspected,
  type LastSeen,
  type QueueFileOnDisk,
  type SizeMark,
} from './disk.ts'
import { judgeFile, type Judged, logReaches, type Rewind } from './judge.ts'
import { queueFileTextFrom } from './text-update.ts'
import { writeQueueFile } from './text.ts'

/**
 * The state of `queue.json`, compared with the log as far as this process has read it. README.md draws the transitions.
 */
type FileState =
  | { readonly _tag: 'Absent' }
  /** We wrote it, up to the requested event. */
  | { readonly _tag: 'Current' }
  /** We wrote it, from an earlier state of this log. */
  | Behind
  /**
   * We wrote it from more events than were read here: another process knows more, or the log was restored. Ask the log.
   */
  | { readonly _tag: 'Beyond'; readonly seq: number }
  /** No process has stamped it. Its text and the log show its origin. */
  | { readonly _tag: 'Unknown' }
  /** A person edited it. */
  | { readonly _tag: 'Edited' }
  /** We wrote it at `seenSeq`, when the log had more or other events. */
  | { readonly _tag: 'Ahead'; readonly seenSeq: number; readonly lastSeen: LastSeen | undefined }

type Behind = {
  readonly _tag: 'Behind'
  readonly identity: string
  /** The seq of its text, which can be updated: the log contains the very event that it was written after. */
  readonly goesOnFrom?: number
  /** The seq in its text, if the process that wrote it died before it could stamp it. */
  readonly unstampedSeq?: number
}

/** The tasks that the events after `seq` are about; undefined: not known that far back. */
export type ChangedSince = (seq: number) => ReadonlySet<TaskId> | undefined

/**
 * The log was restored to an earlier state, or replaced by another. The file is kept, because it shows what is missing.
 */
export type LogWentBack = Rewind & {
  readonly notice: 'LogWentBack'
  readonly path: string
  readonly keptAs: string
}

/** Something that a user should know about `queue.json`; it does not stop anything. */
export type QueueFileNotice =
  | { readonly notice: 'QueueFileEdited'; readonly path: string; readonly keptAs: string }
  | LogWentBack
  | { readonly notice: 'QueueFileNotWritten'; readonly path: string; readonly detail: string }
  | { readonly notice: 'QueueFileTooLarge'; readonly path: string; readonly maxBytes: number }

/**
 * The share of a workspace that `queue.json` covers, by its size:
 *
 * | size | covers | is updated |
 * |---|---|---|
 * | `small` | up to 4 MiB | before a command returns |
 * | `large` | up to 64 MiB | within 5 s, by another process if one may be started |
 * | `huge` | more | on request |
 */
export type QueueFileSize = 'small' | SizeMark['size']

export const maxBytesOf = { small: 4 * 1024 * 1024, large: 64 * 1024 * 1024, huge: Infinity } as const

/** A huge file is tried again once fewer than this share of the tasks that were open then are left. */
const fewer = 0.9

/**
 * Smallest size of a task in the file: `id` and `kind` have at least one character, and no status is shorter than
 * `done`.
 */
export const minTaskBytes = 70

/**
 * The expected size of `queue.json`: that of the existing file, of a text that was not written, or the minimum for the
 * number of open tasks.
 */
export const expectSize = (bytesOnDisk: number, mark: SizeMark | undefined, open: number): QueueFileSize => {
  if (mark?.size === 'huge' && open >= mark.open * fewer) return 'huge'
  return mark !== undefined || Math.max(bytesOnDisk, open * minTaskBytes) > maxBytesOf.small ? 'large' : 'small'
}

/** The file of a workspace. */
export type QueueFileOf = { readonly dir: string; readonly file: QueueFileOnDisk; readonly log: EventLog<Event> }

/** The permissions of a refresh, which depend on its purpose. */
export type Powers = {
  /** The longest wait for another process that is writing the file. */
  readonly lockTimeoutMs: number
  /** A larger file is not written, but marked with its size. */
  readonly maxSize: QueueFileSize
  /**
   * True if the file may be written; if not, it is judged, an edit is kept, and the rest is left to another process.
   */
  readonly writes: boolean
  /** True if an edit is kept and reported; if not, it is left to a process that can notify a user. */
  readonly keepsEdits: boolean
  readonly notify: (notice: QueueFileNotice) => void
}

/**
 * Long enough for the current writer, even if there are many and the disk stalls for a second; a process that is
 * suspended while it holds the lock must not block the others for ever.
 */
export const lockTimeoutMs = 5000

/** A requested refresh. `changedSince` allows an update of our own file. `inspected`: the file a moment ago. */
export type Wanted = {
  readonly current: () => State
  readonly changedSince?: ChangedSince
  /** The refresh may stop at this seq, because others may be writing the rest; default: all events known here. */
  readonly enough?: number
  readonly inspected?: Inspected
}

/**
 * The file after a refresh: up to date; stale, for another process to write; stale, because it would be larger than
 * allowed; edited by hand, and unchanged; could not be written.
 */
export type Refreshed = 'fresh' | 'behind' | 'too large' | 'edited' | 'not written'

/** Answers of the log since the last check. */
type Known = {
  /** The log cursor of a stamp, and if the log contains it: then the file was written from this very history. */
  readonly asked?: { readonly at: string; readonly isHeld: boolean }
  /** The result for the file that was judged. */
  readonly judged?: Judged
  /** A stamped seq that the log does not reach: it was restored to an earlier state. */
  readonly beyondLog?: number
}

/** Another process may write between two checks; it then wrote something newer. */
const looksMax = 3

/**
 * Brings the file to `Current`, unless another process has written something newer, or `permissions` do not allow it.
 */
export const refresh = async (of: QueueFileOf, powers: Powers, wanted: Wanted): Promise<Refreshed> => {
  const { file, log } = of
  const { current, inspected = file.inspect() } = wanted
  const asked = await askLog(log, inspected.lastSeen)
  let known: Known = { asked }
  for (let looks = 1; looks <= looksMax; looks += 1) {
    const step = await underLock(of, powers.lockTimeoutMs, () => advance(of, powers, wanted, known))()
    if (E.isLeft(step)) {
      powers.notify({ notice: 'QueueFileNotWritten', path: file.path, detail: explain(step.left) })
      return 'not written'
    }
    if (typeof step.right === 'string') return step.right
    if (step.right._tag === 'Unknown') {
      const isSeenHeld = async () => (await askLog(log, file.inspect().lastSeen))?.isHeld
      known = { asked, judged: await judgeFile(file, log, current, isSeenHeld) }
    } else if (await logReaches(log, step.right.seq, current)) return 'fresh'
    else known = { asked, beyondLog: step.right.seq }
  }
  return 'behind'
}

/** One check under the lock: the action for each state. A state that requires a read of the log is returned. */
const advance = (
  of: QueueFileOf,
  powers: Powers,
  { current, changedSince, enough }: Wanted,
  known: Known,
): Refreshed | Extract<FileState, { _tag: 'Beyond' | 'Unknown' }> => {
  const { file } = of
  const state = current()
  const found = findState(file.inspect(), state.seq, enough ?? state.seq, known)
  switch (found._tag) {
    case 'Current':
      return 'fresh'
    case 'Beyond':
    case 'Unknown':
      return found
    case 'Edited':
    case 'Ahead':
      if (!powers.keepsEdits) return 'edited'
      powers.notify(found._tag === 'Edited' ? keepEdited(file) : keepAhead(file, found, state))
      return powers.writes ? write(of, powers, state) : 'behind'
    case 'Absent':
      return powers.writes ? write(of, powers, state) : 'behind'
    case 'Behind':
      if (powers.writes) return write(of, powers, state, goOn(file, found, state, changedSince))
      // It need not be judged again.
      if (found.unstampedSeq !== undefined) file.stamp(found.unstampedSeq, found.identity)
      return 'behind'
  }
}

/** Returns the state of a file, if the log was read up to `seq` and the file is required up to `targetSeq`. */
const findState = (
  { stampedSeq, bookmark, lastSeen, identity }: Inspected,
  seq: number,
  enough: number,
  { asked, judged, beyondLog }: Known,
): FileState => {
  if (identity === undefined) return { _tag: 'Absent' }
  if (stampedSeq === undefined) {
    if (judged?.identity !== identity) return { _tag: 'Unknown' }
    if (judged.is === 'ours') return { _tag: 'Behind', identity, unstampedSeq: judged.seq }
    if (judged.is === 'edited') return { _tag: 'Edited' }
    return { _tag: 'Ahead', seenSeq: judged.seq ?? lastSeen?.seq ?? 0, lastSeen }
  }
  const isHeld = bookmark !== undefined && bookmark.location === asked?.at ? asked.isHeld : undefined
  if (stampedSeq > seq && stampedSeq !== beyondLog) return { _tag: 'Beyond', seq: stampedSeq }
  // After line 1 nothing could be missing.
  if ((isHeld === false || stampedSeq > seq) && stampedSeq > 1) return { _tag: 'Ahead', seenSeq: stampedSeq, lastSeen }
  if (stampedSeq >= enough && stampedSeq <= seq && isHeld !== false) return { _tag: 'Current' }
  return { _tag: 'Behind', identity, goesOnFrom: isHeld === true ? stampedSeq : undefined }
}

/** The text for `state`, made from that of the file; undefined: it must be made from scratch. */
const goOn = (
  file: QueueFileOnDisk,
  { identity, goesOnFrom }: Behind,
  state: State,
  changedSince: ChangedSince | undefined,
): string | undefined => {
  const changed = goesOnFrom === undefined ? undefined : changedSince?.(goesOnFrom)
  const old = changed === undefined ? undefined : file.ownText(identity)
  return old && changed && queueFileTextFrom(old, goesOnFrom ?? 0, state, changed)
}

/** Writes the file, and marks its size if the file does not show it. */
const write = ({ file, log }: QueueFileOf, { maxSize }: Powers, state: State, text?: string): Refreshed => {
  const bookmark: LogCursor = log.cursor()
  // Without a log cursor the file cannot be updated later.
  const location = bookmark.seq === state.seq ? bookmark.location : ''
  const seen: LastSeen = { seq: state.seq, location, workspace: state.workspace?.id }
  const bytes = file.write(text ?? (take => writeQueueFile(state, take)), seen, maxBytesOf[maxSize])
  const open = countOpen(state)
  if (bytes === undefined) {
    const told = file.readSizeMark()?.told === true
    file.markSize({ size: maxSize === 'small' ? 'large' : 'huge', open, told })
    return 'too large'
  }
  file.markSize(bytes > maxBytesOf.large ? { size: 'huge', open, told: true } : undefined)
  return 'fresh'
}

/** Checks if the log contains a cursor; undefined: there is none, or the log cannot be read. */
const askLog = async (log: EventLog<Event>, bookmark: LogCursor | undefined): Promise<Known['asked']> => {
  if (bookmark === undefined) return undefined
  const isHeld = await log.contains(bookmark)()
  return E.isRight(isHeld) ? { at: bookmark.location, isHeld: isHeld.right } : undefined
}

const keepEdited = (file: QueueFileOnDisk): QueueFileNotice => ({
  notice: 'QueueFileEdited',
  path: file.path,
  keptAs: file.keepAs(editedFileName),
})

const keepAhead = (
  file: QueueFileOnDisk,
  { seenSeq, lastSeen }: Extract<FileState, { _tag: 'Ahead' }>,
  { seq, workspace }: State,
): LogWentBack => ({
  notice: 'LogWentBack',
  path: join(dirname(file.path), logFileName),
  seq,
  seenSeq,
  isOther: lastSeen?.workspace !== undefined && lastSeen.workspace !== workspace?.id,
  keptAs: file.keepAs(aheadFileName),
})

const underLock =
  <B>({ dir, file }: QueueFileOf, timeoutMs: number, body: () => B): TE.TaskEither<IoFailed | LockTimeout, B> =>
  async () => {
    const problem = derivedFolderProblem(dir)
    if (problem !== undefined) return E.left(problem)
    const lockPath = join(dir, derivedFiles.lock)
    const ran = await withLockFile(lockPath, timeoutMs, body)()
    if (E.isRight(ran) || ran.left.failure !== 'IoFailed' || ran.left.code !== 'ENOENT') return ran
    file.prepare()
    return withLockFile(lockPath, timeoutMs, body)()
  }

const explain = (failure: IoFailed | LockTimeout): string =>
  failure.failure === 'IoFailed'
    ? failure.detail
    : `another process (pid ${failure.holderPid ?? 'unknown'}) is writing the file`
