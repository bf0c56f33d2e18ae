import * as E from 'fp-ts/lib/Either.js'
import { emptyState, type Event, fold, queueFileTextFrom, type State, writeQueueFile } from '@claimlog/domain'
import type { EventLog, IoFailed, LockTimeout } from '@claimlog/event-log'
import type { ChangedSince } from './current-state.ts'
import type { FoundQueueFile, QueueFileOnDisk } from './queue-file-on-disk.ts'
import { maxBytesOf, sizeOf, type QueueFileSize, type SizeMarkOnDisk } from './queue-file-size.ts'
import type { GiveParts } from './text-in-parts.ts'

/** What should be known about `queue.json`, and stops nothing. */
export type QueueFileNotice =
  | { readonly notice: 'QueueFileEdited'; readonly path: string; readonly keptAs: string }
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
  readonly judged?: { readonly identity: string; readonly ours: boolean; readonly seq: number | undefined }
  /** A stamped seq that the log does not reach: it was put back to an earlier day. */
  readonly beyondLog?: number
  /** The bookmark of a stamp that the log holds: the file was made from this very history. */
  readonly held?: string
}

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
 * `enough`. Where `changedSince` is given, a file of ours is gone on from.
 */
export type Refresh = (current: () => State, changedSince?: ChangedSince, enough?: number) => Promise<Refreshed>

export const queueFileRefresh = (refreshing: Refreshing): Refresh => {
  const { file, sizeMark, maxSize, log, notify, underLock, writes, keepsEdits } = refreshing

  /** Writes the file, and says beside it how large it is where that cannot be seen from the file. */
  const write = (give: GiveParts, state: State): Look => {
    const { seq, at } = log.bookmark()
    // Without a bookmark nobody goes on from the file.
    const bytes = file.write(give, { seq: state.seq, at: seq === state.seq ? at : '' }, maxBytesOf[maxSize])
    const open = state.table.count('open', '')
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
    { judged, beyondLog, held }: Known,
    changedSince?: ChangedSince,
    enough?: number,
  ): Look => {
    const { stampedSeq, bookmark, identity } = file.inspect()
    const { seq } = current()
    if (stampedSeq !== undefined && stampedSeq >= (enough ?? seq) && stampedSeq <= seq) return 'fresh'
    if (stampedSeq !== undefined && stampedSeq > seq && stampedSeq !== beyondLog) return 'newer'
    if (stampedSeq === undefined && identity !== undefined) {
      if (identity !== judged?.identity) return 'unknown'
      if (!judged.ours && !keepsEdits) return 'edited'
      if (!judged.ours) notify({ notice: 'QueueFileEdited', path: file.path, keptAs: file.keepEdited() })
      // Whoever wrote it died before it could say so; nobody need judge it again.
      else if (!writes() && judged.seq !== undefined) file.stamp(judged.seq, identity)
    }
    if (!writes()) return 'behind'
    const isHeld = identity !== undefined && bookmark !== undefined && bookmark.at === held
    const changed = isHeld ? changedSince?.(bookmark.seq) : undefined
    const old = isHeld && changed !== undefined ? file.ownText(identity) : undefined
    const text = old && changed && queueFileTextFrom(old, stampedSeq ?? 0, current(), changed)
    return write(text ? take => take(text) : textOf(current()), current())
  }

  return async (current, changedSince, enough) => {
    let known: Known = changedSince === undefined ? {} : { held: await heldBookmark(file, log) }
    for (let looks = 1; looks <= maxLooks; looks += 1) {
      const outcome = await underLock(() => look(current, known, changedSince, enough))
      if (E.isLeft(outcome)) {
        notify(notWritten(file.path, outcome.left))
        return 'not written'
      }
      if (outcome.right === 'newer') {
        const { stampedSeq = 0 } = file.inspect()
        if (await logReaches(log, stampedSeq, current)) return 'fresh'
        known = { beyondLog: stampedSeq }
      } else if (outcome.right === 'unknown') {
        const found = file.read()
        const { identity, seq } = found
        known = { judged: { identity, seq, ours: await isOurs(file, log, found, current) } }
      } else return outcome.right
    }
    return 'behind'
  }
}

const textOf =
  (state: State): GiveParts =>
  take =>
    writeQueueFile(state, take)

/** The bookmark that the file was stamped with, where the log holds it. */
const heldBookmark = async (file: QueueFileOnDisk, log: EventLog<Event>): Promise<string | undefined> => {
  const { bookmark } = file.inspect()
  if (bookmark === undefined) return undefined
  const isHeld = await log.holds(bookmark)()
  return E.isRight(isHeld) && isHeld.right ? bookmark.at : undefined
}

const logReaches = async (log: EventLog<Event>, seq: number, current: () => State): Promise<boolean> => {
  const end = await log.readAfter(current().seq, () => undefined)()
  return E.isRight(end) && end.right >= seq
}

/** Whether the file is what the log says it must have been at the seq it names. An empty one is nobody's edit. */
const isOurs = async (
  file: QueueFileOnDisk,
  log: EventLog<Event>,
  found: FoundQueueFile,
  current: () => State,
): Promise<boolean> => {
  if (found.empty) return true
  if (found.seq === undefined) return false
  const then = await stateAt(log, found.seq, current)
  return then !== undefined && file.holds(textOf(then))
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
