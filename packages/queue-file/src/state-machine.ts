import { dirname, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { countOpen, type Event, type State, type TaskId } from '@claimlog/domain'
import type { Bookmark, EventLog, IoFailed, LockTimeout } from '@claimlog/event-log'
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
 * How `queue.json` is found, compared to the log as far as this process has read it. README.md draws how one becomes
 * another.
 */
type FileState =
  | { readonly _tag: 'Absent' }
  /** We wrote it, from all that is asked for. */
  | { readonly _tag: 'Current' }
  /** We wrote it, from an earlier moment of this log. */
  | Behind
  /** We wrote it from more events than were read here: another process knows more, or the log was put back. Ask the log. */
  | { readonly _tag: 'Beyond'; readonly seq: number }
  /** Nobody said that they wrote it. Its text and the log tell whose it is. */
  | { readonly _tag: 'Unknown' }
  /** Somebody edited it by hand. */
  | { readonly _tag: 'Edited' }
  /** We wrote it at `seenSeq`, when the log held more or something else. */
  | { readonly _tag: 'Ahead'; readonly seenSeq: number; readonly lastSeen: LastSeen | undefined }

type Behind = {
  readonly _tag: 'Behind'
  readonly identity: string
  /** The seq that its text is of and may be gone on from: the log holds the very event that it was written after. */
  readonly goesOnFrom?: number
  /** The seq that it names, if whoever wrote it died before it could say so. */
  readonly unstampedSeq?: number
}

/** The tasks that the events after `seq` are about; undefined: that is not known from so far back. */
export type ChangedSince = (seq: number) => ReadonlySet<TaskId> | undefined

/** The log was put back to an earlier state, or another is in its place. The file is kept, as it shows what is gone. */
export type LogWentBack = Rewind & {
  readonly notice: 'LogWentBack'
  readonly path: string
  readonly keptAs: string
}

/** What should be known about `queue.json`, and stops nothing. */
export type QueueFileNotice =
  | { readonly notice: 'QueueFileEdited'; readonly path: string; readonly keptAs: string }
  | LogWentBack
  | { readonly notice: 'QueueFileNotWritten'; readonly path: string; readonly detail: string }
  | { readonly notice: 'QueueFileTooLarge'; readonly path: string; readonly maxBytes: number }

/**
 * How much of a workspace `queue.json` has, by its bytes:
 *
 * | size | has | is brought up to date |
 * |---|---|---|
 * | `small` | up to 4 MiB | before a command returns |
 * | `large` | up to 64 MiB | within 5 s, by another process if one may be started |
 * | `huge` | more | on request |
 */
export type QueueFileSize = 'small' | SizeMark['size']

export const maxBytesOf = { small: 4 * 1024 * 1024, large: 64 * 1024 * 1024, huge: Infinity } as const

/** So many of the tasks that were open then must be finished before a huge file is tried again. */
const fewer = 0.9

/** No task takes less in the file: `id` and `kind` have a character at least, and no status is shorter than `done`. */
export const minTaskBytes = 70

/**
 * The size that `queue.json` is expected to have: of the file that is there, of a text that was not written, or of so many
 * tasks that it must have.
 */
export const expectSize = (bytesOnDisk: number, mark: SizeMark | undefined, open: number): QueueFileSize => {
  if (mark?.size === 'huge' && open >= mark.open * fewer) return 'huge'
  return mark !== undefined || Math.max(bytesOnDisk, open * minTaskBytes) > maxBytesOf.small ? 'large' : 'small'
}

/** Whose file it is. */
export type QueueFileOf = { readonly dir: string; readonly file: QueueFileOnDisk; readonly log: EventLog<Event> }

/** What a refresh may do; that depends on what it is for. */
export type Powers = {
  /** How long it waits for another process that is at the file. */
  readonly lockTimeoutMs: number
  /** A larger file is not written, and marked as what it is. */
  readonly maxSize: QueueFileSize
  /** Whether the file is written; if not, it is judged, an edit is kept, and the rest left to somebody else. */
  readonly writes: boolean
  /** Whether an edit is kept and told of, or left for whoever can tell somebody. */
  readonly keepsEdits: boolean
  readonly notify: (notice: QueueFileNotice) => void
}

/**
 * Long enough for whoever writes it just now, also where many do and the disk stalls for a second; a process stopped while
 * it holds the lock must not stop the others for ever.
 */
export const lockTimeoutMs = 5000

/** What is asked for. `changedSince`: then a file of ours is gone on from. `inspected`: how the file was a moment ago. */
export type Wanted = {
  readonly current: () => State
  readonly changedSince?: ChangedSince
  /** All up to this seq is enough, as others may be writing the rest; all that is known here unless said. */
  readonly enough?: number
  readonly inspected?: Inspected
}

/**
 * How the file is after a refresh: up to date; behind, for somebody else to write; behind, as it would be larger than may
 * be written; edited by hand, and as it was; not to be written.
 */
export type Refreshed = 'fresh' | 'behind' | 'too large' | 'edited' | 'not written'

/** What the log answered since the last look. */
type Known = {
  /** The bookmark of a stamp, and whether the log holds it: then the file was made from this very history. */
  readonly asked?: { readonly at: string; readonly isHeld: boolean }
  /** The file that was judged. */
  readonly judged?: Judged
  /** A stamped seq that the log does not reach: it was put back to an earlier day. */
  readonly beyondLog?: number
}

/** Another process may write between two looks; it then wrote something newer. */
const looksMax = 3

/** Takes the file to `Current`, unless another process has written something newer, or `powers` do not go so far. */
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

/** One look under the lock: what is done in each state. A state that only the log can tell more of is the answer itself. */
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
      // Nobody need judge it again.
      if (found.unstampedSeq !== undefined) file.stamp(found.unstampedSeq, found.identity)
      return 'behind'
  }
}

/** The state of a file that was found so, where the log was read up to `seq` and the file must go up to `enough`. */
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
  const isHeld = bookmark !== undefined && bookmark.at === asked?.at ? asked.isHeld : undefined
  if (stampedSeq > seq && stampedSeq !== beyondLog) return { _tag: 'Beyond', seq: stampedSeq }
  // After line 1 there was nothing that could be missed.
  if ((isHeld === false || stampedSeq > seq) && stampedSeq > 1) return { _tag: 'Ahead', seenSeq: stampedSeq, lastSeen }
  if (stampedSeq >= enough && stampedSeq <= seq && isHeld !== false) return { _tag: 'Current' }
  return { _tag: 'Behind', identity, goesOnFrom: isHeld === true ? stampedSeq : undefined }
}

/** The text for `state`, made from that of the file; undefined: it must be made anew. */
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

/** Writes the file, and says beside it how large it is where that cannot be seen from the file. */
const write = ({ file, log }: QueueFileOf, { maxSize }: Powers, state: State, text?: string): Refreshed => {
  const bookmark: Bookmark = log.bookmark()
  // Without a bookmark nobody goes on from the file.
  const at = bookmark.seq === state.seq ? bookmark.at : ''
  const seen = { seq: state.seq, at, workspace: state.workspace?.id }
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

/** Whether the log holds a bookmark; undefined: there is none, or the log cannot be asked. */
const askLog = async (log: EventLog<Event>, bookmark: Bookmark | undefined): Promise<Known['asked']> => {
  if (bookmark === undefined) return undefined
  const isHeld = await log.holds(bookmark)()
  return E.isRight(isHeld) ? { at: bookmark.at, isHeld: isHeld.right } : undefined
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
  failure.failure === 'IoFailed' ? failure.detail : `another process (pid ${failure.holderPid ?? 'unknown'}) is at it`
