import { dirname, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { countOpen, type Event, type State, type TaskId } from '@claimlog/domain'
import type { LogCursor, EventLog, IoFailed, LockTimeout } from '@claimlog/event-log'
import { logFileName, withLockFile } from '@claimlog/event-log-file'
import {
  aheadFileName,
  derivedFiles,
  checkDerivedFolder,
  editedFileName,
  type FileSnapshot,
  type LastSeenLog,
  type QueueFileOnDisk,
  type SizeMark,
} from './disk.ts'
import {
  classifyFile,
  type FileState,
  isInReach,
  type LogAnswers,
  type Rewind,
  type StaleFile,
} from './classify-file.ts'
import { updateQueueFileText } from './update-text.ts'
import { writeQueueFile } from './queue-file-text.ts'

/** The tasks that the events after `seq` are about; undefined: not known that far back. */
export type ChangedTasks = (seq: number) => ReadonlySet<TaskId> | undefined

/**
 * The log was restored to an earlier state, or replaced by another. The file is kept, because it shows what is missing.
 */
export type LogWentBack = Rewind & { readonly notice: 'LogWentBack'; readonly path: string; readonly keptAs: string }

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

export const bytesMaxBySize = { small: 4 * 1024 * 1024, large: 64 * 1024 * 1024, huge: Infinity } as const

/** A huge file is tried again once fewer than this share of the tasks that were open then are left. */
const retryShare = 0.9

/**
 * Smallest size of a task in the file: `id` and `kind` have at least one character, and no status is shorter than
 * `done`.
 */
export const taskBytesMin = 70

/**
 * The expected size of `queue.json`: that of the existing file, of a text that was not written, or the minimum for the
 * number of open tasks.
 */
export const estimateSize = (bytesOnDisk: number, mark: SizeMark | undefined, open: number): QueueFileSize => {
  if (mark?.size === 'huge' && open >= mark.open * retryShare) return 'huge'
  return mark !== undefined || Math.max(bytesOnDisk, open * taskBytesMin) > bytesMaxBySize.small ? 'large' : 'small'
}

/** The file of a workspace. */
export type QueueFileTarget = { readonly dir: string; readonly file: QueueFileOnDisk; readonly log: EventLog<Event> }

/** The permissions of a refresh, which depend on its purpose. */
export type RefreshPermissions = {
  /** The longest wait for another process that is writing the file. */
  readonly lockTimeoutMs: number
  /** A larger file is not written, but marked with its size. */
  readonly sizeMax: QueueFileSize
  /**
   * True if the file may be written; if not, it is classified, an edit is kept, and the rest is left to another process.
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

/** A requested refresh. `changedTasks` allows an update of our own file. `inspected`: the file a moment ago. */
export type RefreshRequest = {
  readonly current: () => State
  readonly changedTasks?: ChangedTasks
  /** The refresh may stop at this seq, because others may be writing the rest; default: all events known here. */
  readonly targetSeq?: number
  readonly inspected?: FileSnapshot
}

/**
 * The file after a refresh: up to date; stale, for another process to write; stale, because it would be larger than
 * allowed; edited by hand, and unchanged; could not be written.
 */
export type RefreshOutcome = 'fresh' | 'behind' | 'too large' | 'edited' | 'not written'

/** Returns the state of a file, if the log was read up to `seq` and the file is required up to `targetSeq`. */
const classifyState = (
  { stampedSeq, cursor, lastSeen, identity }: FileSnapshot,
  seq: number,
  targetSeq: number,
  { cursorCheck, classified, unreachedSeq }: LogAnswers,
): FileState => {
  if (identity === undefined) return { _tag: 'Absent' }
  if (stampedSeq === undefined) {
    if (classified?.identity !== identity) return { _tag: 'Unknown' }
    if (classified.origin === 'ours') return { _tag: 'Behind', identity, unstampedSeq: classified.seq }
    if (classified.origin === 'edited') return { _tag: 'Edited' }
    return { _tag: 'Ahead', seenSeq: classified.seq ?? lastSeen?.seq ?? 0, lastSeen }
  }
  const isInLog = cursor !== undefined && cursor.location === cursorCheck?.location ? cursorCheck.isInLog : undefined
  if (stampedSeq > seq && stampedSeq !== unreachedSeq) return { _tag: 'Beyond', seq: stampedSeq }
  // After line 1 nothing could be missing.
  if ((isInLog === false || stampedSeq > seq) && stampedSeq > 1) return { _tag: 'Ahead', seenSeq: stampedSeq, lastSeen }
  if (stampedSeq >= targetSeq && stampedSeq <= seq && isInLog !== false) return { _tag: 'Current' }
  return { _tag: 'Behind', identity, updatableSeq: isInLog === true ? stampedSeq : undefined }
}

/** Another process may write between two checks; it then wrote something newer. */
const checksMax = 3

/**
 * Brings the file to `Current`, unless another process has written something newer, or `permissions` do not allow it.
 */
export const refresh = async (
  target: QueueFileTarget,
  permissions: RefreshPermissions,
  request: RefreshRequest,
): Promise<RefreshOutcome> => {
  const { file, log } = target
  const { current, inspected = file.inspect() } = request
  const cursorCheck = await checkCursor(log, inspected.lastSeen)
  let answers: LogAnswers = { cursorCheck }
  for (let checks = 1; checks <= checksMax; checks += 1) {
    const outcome = await runLocked(target, permissions.lockTimeoutMs, () =>
      runStep(target, permissions, request, answers),
    )()
    if (E.isLeft(outcome)) {
      permissions.notify({ notice: 'QueueFileNotWritten', path: file.path, detail: explainFailure(outcome.left) })
      return 'not written'
    }
    if (typeof outcome.right === 'string') return outcome.right
    if (outcome.right._tag === 'Unknown') {
      const isLastSeenInLog = async () => (await checkCursor(log, file.inspect().lastSeen))?.isInLog
      answers = { cursorCheck, classified: await classifyFile(file, log, current, isLastSeenInLog) }
    } else if (await isInReach(log, outcome.right.seq, current)) return 'fresh'
    else answers = { cursorCheck, unreachedSeq: outcome.right.seq }
  }
  return 'behind'
}

/** One check under the lock: the action for each state. A state that requires a read of the log is returned. */
const runStep = (
  target: QueueFileTarget,
  permissions: RefreshPermissions,
  { current, changedTasks, targetSeq }: RefreshRequest,
  answers: LogAnswers,
): RefreshOutcome | Extract<FileState, { _tag: 'Beyond' | 'Unknown' }> => {
  const { file } = target
  const state = current()
  const fileState = classifyState(file.inspect(), state.seq, targetSeq ?? state.seq, answers)
  switch (fileState._tag) {
    case 'Current':
      return 'fresh'
    case 'Beyond':
    case 'Unknown':
      return fileState
    case 'Edited':
    case 'Ahead':
      if (!permissions.keepsEdits) return 'edited'
      permissions.notify(fileState._tag === 'Edited' ? moveEditedAway(file) : moveAheadAway(file, fileState, state))
      return permissions.writes ? write(target, permissions, state) : 'behind'
    case 'Absent':
      return permissions.writes ? write(target, permissions, state) : 'behind'
    case 'Behind':
      if (permissions.writes)
        return write(target, permissions, state, updatedText(file, fileState, state, changedTasks))
      // It need not be classified again.
      if (fileState.unstampedSeq !== undefined) file.stamp(fileState.unstampedSeq, fileState.identity)
      return 'behind'
  }
}

/** The text for `state`, made from that of the file; undefined: it must be made from scratch. */
const updatedText = (
  file: QueueFileOnDisk,
  { identity, updatableSeq }: StaleFile,
  state: State,
  changedTasks: ChangedTasks | undefined,
): string | undefined => {
  const changedIds = updatableSeq === undefined ? undefined : changedTasks?.(updatableSeq)
  const oldText = changedIds === undefined ? undefined : file.ownText(identity)
  return oldText && changedIds && updateQueueFileText(oldText, updatableSeq ?? 0, state, changedIds)
}

/** Checks if the log contains a cursor; undefined: there is none, or the log cannot be read. */
const checkCursor = async (log: EventLog<Event>, cursor: LogCursor | undefined): Promise<LogAnswers['cursorCheck']> => {
  if (cursor === undefined) return undefined
  const isInLog = await log.contains(cursor)()
  return E.isRight(isInLog) ? { location: cursor.location, isInLog: isInLog.right } : undefined
}

/** Writes the file, and marks its size if the file does not show it. */
const write = (
  { file, log }: QueueFileTarget,
  { sizeMax }: RefreshPermissions,
  state: State,
  text?: string,
): RefreshOutcome => {
  const cursor: LogCursor = log.cursor()
  // Without a log cursor the file cannot be updated later.
  const location = cursor.seq === state.seq ? cursor.location : ''
  const writtenLog: LastSeenLog = { seq: state.seq, location, workspace: state.workspace?.id }
  const bytes = file.write(text ?? (consume => writeQueueFile(state, consume)), writtenLog, bytesMaxBySize[sizeMax])
  const open = countOpen(state)
  if (bytes === undefined) {
    const isNotified = file.readSizeMark()?.isNotified === true
    file.markSize({ size: sizeMax === 'small' ? 'large' : 'huge', open, isNotified })
    return 'too large'
  }
  file.markSize(bytes > bytesMaxBySize.large ? { size: 'huge', open, isNotified: true } : undefined)
  return 'fresh'
}

const moveEditedAway = (file: QueueFileOnDisk): QueueFileNotice => ({
  notice: 'QueueFileEdited',
  path: file.path,
  keptAs: file.renameFile(editedFileName),
})

const moveAheadAway = (
  file: QueueFileOnDisk,
  { seenSeq, lastSeen }: Extract<FileState, { _tag: 'Ahead' }>,
  { seq, workspace }: State,
): LogWentBack => ({
  notice: 'LogWentBack',
  path: join(dirname(file.path), logFileName),
  seq,
  seenSeq,
  isOther: lastSeen?.workspace !== undefined && lastSeen.workspace !== workspace?.id,
  keptAs: file.renameFile(aheadFileName),
})

const runLocked =
  <B>({ dir, file }: QueueFileTarget, timeoutMs: number, body: () => B): TE.TaskEither<IoFailed | LockTimeout, B> =>
  async () => {
    const problem = checkDerivedFolder(dir)
    if (problem !== undefined) return E.left(problem)
    const lockPath = join(dir, derivedFiles.lock)
    const result = await withLockFile(lockPath, timeoutMs, body)()
    if (E.isRight(result) || result.left.failure !== 'IoFailed' || result.left.code !== 'ENOENT') return result
    file.makeFolder()
    return withLockFile(lockPath, timeoutMs, body)()
  }

const explainFailure = (failure: IoFailed | LockTimeout): string =>
  failure.failure === 'IoFailed'
    ? failure.detail
    : `another process (pid ${failure.holderPid ?? 'unknown'}) is writing the file`
