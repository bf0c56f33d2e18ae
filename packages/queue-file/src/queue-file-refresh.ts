import { dirname, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { countOpen, emptyState, type Event, fold, type State, type TaskId } from '@claimlog/domain'
import type { EventLog, IoFailed, LockTimeout } from '@claimlog/event-log'
import { logFileName } from '@claimlog/event-log-file'
import {
  aheadFileName,
  editedFileName,
  type FoundQueueFile,
  type Inspected,
  type LastSeen,
  type QueueFileOnDisk,
} from './queue-file-on-disk.ts'
import { maxBytesOf, sizeOf, type QueueFileSize, type SizeMarkOnDisk } from './queue-file-size.ts'
import { queueFileTextFrom } from './text-update.ts'
import { writeQueueFile } from './text.ts'
import type { GiveParts } from './text-in-parts.ts'

/** The tasks that the events after `seq` are about; undefined: that is not known from so far back. */
export type ChangedSince = (seq: number) => ReadonlySet<TaskId> | undefined

/**
 * The log ends at `seq`, and `queue.json` was written from it at `seenSeq`, when it held more or something else: it was put
 * back to an earlier state, or another log is in its place. The file is kept, as it shows what is gone.
 */
export type LogWentBack = {
  readonly notice: 'LogWentBack'
  readonly path: string
  readonly seq: number
  readonly seenSeq: number
  /** The log is of another workspace than `queue.json` was. */
  readonly isOther: boolean
  readonly keptAs: string
}

/** What should be known about `queue.json`, and stops nothing. */
export type QueueFileNotice =
  | { readonly notice: 'QueueFileEdited'; readonly path: string; readonly keptAs: string }
  | LogWentBack
  | { readonly notice: 'QueueFileNotWritten'; readonly path: string; readonly detail: string }
  | { readonly notice: 'QueueFileTooLarge'; readonly path: string; readonly maxBytes: number }

/** Another process may write between two looks; it then wrote something newer. */
const maxLooks = 3

/** What a look under the lock came to; `newer` and `unknown` are questions to the log, which takes its time. */
type Look = Refreshed | 'newer' | 'unknown'

/**
 * How the file is: up to date; behind, for somebody else to write; behind, as it would be larger than may be written; edited
 * by hand, and as it was; not to be written.
 */
export type Refreshed = 'fresh' | 'behind' | 'too large' | 'edited' | 'not written'

/** What the log answered since the last look. */
type Known = {
  /** The file that was judged, and the seq at which we wrote it; undefined: somebody edited it. */
  readonly judged?: { readonly identity: string; readonly is: Judgement; readonly seq: number | undefined }
  /** A stamped seq that the log does not reach: it was put back to an earlier day. */
  readonly beyondLog?: number
  /** The bookmark of a stamp, and whether the log holds it: then the file was made from this very history. */
  readonly asked?: { readonly at: string; readonly isHeld: boolean }
}

/** Whose a file is that has no stamp: made by us from this log; from a log that held more; edited by hand. */
type Judgement = 'ours' | 'ahead' | 'edited'

/** How a file is brought up to date. */
export type Refreshing = {
  readonly file: QueueFileOnDisk
  readonly sizeMark: SizeMarkOnDisk
  /** A larger file is not written here, and marked as what it is. */
  readonly maxSize: QueueFileSize
  readonly log: EventLog<Event>
  readonly notify: (notice: QueueFileNotice) => void
  readonly underLock: <B>(body: () => B) => Promise<E.Either<IoFailed | LockTimeout, B>>
  /** Whether the file is written here; where not, it is judged, an edit is kept, and the rest left to somebody else. */
  readonly writes: () => boolean
  /** Whether an edit is kept and told of here, or left for whoever can tell somebody. */
  readonly keepsEdits: boolean
}

/**
 * Brings `queue.json` up to date with `current`, unless another process has written something newer, or all up to the seq
 * `enough`. Where `changedSince` is given, a file of ours is gone on from. `inspected`: how the file was a moment ago, if it
 * was looked at.
 */
export type Refresh = (
  current: () => State,
  changedSince?: ChangedSince,
  enough?: number,
  inspected?: Inspected,
) => Promise<Refreshed>

export const queueFileRefresh = (refreshing: Refreshing): Refresh => {
  const { file, sizeMark, maxSize, log, notify, underLock, writes, keepsEdits } = refreshing

  /** Writes the file, and says beside it how large it is where that cannot be seen from the file. */
  const write = (give: GiveParts, state: State): Look => {
    const { seq, at } = log.bookmark()
    // Without a bookmark nobody goes on from the file.
    const bytes = file.write(
      give,
      { seq: state.seq, at: seq === state.seq ? at : '', workspace: state.workspace?.id },
      maxBytesOf[maxSize],
    )
    const open = countOpen(state)
    if (bytes === undefined) {
      const told = sizeMark.read()?.told === true
      sizeMark.write({ size: maxSize === 'small' ? 'large' : 'huge', open, told })
      return 'too large'
    }
    if (sizeOf(bytes) === 'huge') sizeMark.write({ size: 'huge', open, told: true })
    else sizeMark.forget()
    return 'fresh'
  }

  const look = (
    current: () => State,
    { judged, beyondLog, asked }: Known,
    changedSince?: ChangedSince,
    enough?: number,
  ): Look => {
    const { stampedSeq, bookmark, lastSeen, identity } = file.inspect()
    const { seq } = current()
    const isHeld = bookmark !== undefined && bookmark.at === asked?.at && asked.isHeld
    const isReplaced = bookmark !== undefined && bookmark.at === asked?.at && !asked.isHeld
    if (stampedSeq !== undefined && stampedSeq >= (enough ?? seq) && stampedSeq <= seq && !isReplaced) return 'fresh'
    if (stampedSeq !== undefined && stampedSeq > seq && stampedSeq !== beyondLog) return 'newer'
    if (stampedSeq === undefined && identity !== undefined && identity !== judged?.identity) return 'unknown'
    // After line 1 there was nothing that could be missed.
    const isAhead = stampedSeq !== undefined && stampedSeq > 1 && (isReplaced || stampedSeq > seq)
    const is = stampedSeq === undefined ? judged?.is : isAhead ? 'ahead' : 'ours'
    if (identity !== undefined && (is === 'edited' || is === 'ahead')) {
      if (!keepsEdits) return 'edited'
      if (is === 'edited') notify({ notice: 'QueueFileEdited', path: file.path, keptAs: file.keepAs(editedFileName) })
      else notify(wentBack(file, current(), stampedSeq ?? judged?.seq ?? lastSeen?.seq ?? 0, lastSeen))
    }
    // Whoever wrote it died before it could say so; nobody need judge it again.
    else if (!writes() && stampedSeq === undefined && identity !== undefined && judged?.seq !== undefined)
      file.stamp(judged.seq, identity)
    if (!writes()) return 'behind'
    const changed = isHeld ? changedSince?.(bookmark.seq) : undefined
    const old = changed !== undefined && identity !== undefined ? file.ownText(identity) : undefined
    const text = old && changed && queueFileTextFrom(old, stampedSeq ?? 0, current(), changed)
    return write(text ? take => take(text) : textOf(current()), current())
  }

  return async (current, changedSince, enough, inspected = file.inspect()) => {
    const asked = await askedBookmark(inspected, log)
    let known: Known = { asked }
    for (let looks = 1; looks <= maxLooks; looks += 1) {
      const outcome = await underLock(() => look(current, known, changedSince, enough))
      if (E.isLeft(outcome)) {
        notify(notWritten(file.path, outcome.left))
        return 'not written'
      }
      if (outcome.right === 'newer') {
        const { stampedSeq = 0 } = file.inspect()
        if (await logReaches(log, stampedSeq, current)) return 'fresh'
        known = { asked, beyondLog: stampedSeq }
      } else if (outcome.right === 'unknown') {
        const found = file.read()
        const { identity, seq } = found
        known = { asked, judged: { identity, seq, is: await judge(file, log, found, current) } }
      } else return outcome.right
    }
    return 'behind'
  }
}

/** Keeps the file, and says that the log was put back since it was written. */
const wentBack = (
  file: QueueFileOnDisk,
  { seq, workspace }: State,
  seenSeq: number,
  lastSeen: LastSeen | undefined,
): LogWentBack => ({
  notice: 'LogWentBack',
  path: join(dirname(file.path), logFileName),
  seq,
  seenSeq,
  isOther: lastSeen?.workspace !== undefined && lastSeen.workspace !== workspace?.id,
  keptAs: file.keepAs(aheadFileName),
})

const textOf =
  (state: State): GiveParts =>
  take =>
    writeQueueFile(state, take)

/** The bookmark that the file was stamped with last, and whether the log holds it. */
const askedBookmark = async ({ lastSeen }: Inspected, log: EventLog<Event>): Promise<Known['asked']> => {
  if (lastSeen === undefined) return undefined
  const isHeld = await log.holds(lastSeen)()
  return E.isRight(isHeld) ? { at: lastSeen.at, isHeld: isHeld.right } : undefined
}

const logReaches = async (log: EventLog<Event>, seq: number, current: () => State): Promise<boolean> => {
  const end = await log.readAfter(current().seq, () => undefined)()
  return E.isRight(end) && end.right >= seq
}

/** Judges a file by its text: it must be what the log says at the seq it names. An empty one is nobody's edit. */
const judge = async (
  file: QueueFileOnDisk,
  log: EventLog<Event>,
  found: FoundQueueFile,
  current: () => State,
): Promise<Judgement> => {
  if (found.empty) return 'ours'
  if (found.seq === undefined) return 'edited'
  const then = await stateAt(log, found.seq, current)
  if (then !== undefined && file.holds(textOf(then))) return 'ours'
  const asked = await askedBookmark(file.inspect(), log)
  // What we wrote last is of this history: whatever the file says, the log was not put back since.
  if (asked !== undefined) return asked.isHeld ? 'edited' : 'ahead'
  return then === undefined ? 'ahead' : 'edited'
}

/** The state at `seq`; undefined: the log does not go so far. */
const stateAt = async (log: EventLog<Event>, seq: number, current: () => State): Promise<State | undefined> => {
  if (current().seq === seq) return current()
  let past = emptyState()
  const end = await log.readAfter(0, batch => {
    const until = batch.filter(event => event.seq <= seq)
    past = fold(past, until)
  })()
  return E.isRight(end) && past.seq === seq ? past : undefined
}

const notWritten = (path: string, failure: IoFailed | LockTimeout): QueueFileNotice => ({
  notice: 'QueueFileNotWritten',
  path,
  detail:
    failure.failure === 'IoFailed'
      ? failure.detail
      : `another process (pid ${failure.holderPid ?? 'unknown'}) is at it`,
})
