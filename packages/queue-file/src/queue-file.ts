import { isCheckpointDamage } from '@claimlog/checkpoint/damage'
import { countOpen, type Event, type State } from '@claimlog/domain'
import type { EventLog } from '@claimlog/event-log'
import { coalescedRefresh } from './coalesced-refresh.ts'
import { derivedFolderProblem } from './derived-folder.ts'
import {
  type ChangedSince,
  type QueueFileNotice,
  queueFileRefresh,
  type Refresh,
  type Refreshing,
} from './queue-file-refresh.ts'
import type { Inspected, QueueFileOnDisk } from './queue-file-on-disk.ts'
import { refreshingIn, type WithLockFile } from './queue-file-refresher.ts'
import { expectedSize, maxBytesOf, type QueueFileSize } from './queue-file-size.ts'

/**
 * Keeps `queue.json` in step with the log. `current` gives the state as it is when it is asked, and `changedSince` the
 * tasks that have changed: then a file of ours is gone on from instead of being made anew.
 */
export type QueueFileWriter = {
  /** The state has changed: brings the file up to date, at once or, when coalescing, soon. */
  readonly changed: (current: () => State, changedSince?: ChangedSince) => Promise<void> | undefined
  /**
   * The state was looked at: says so where somebody has edited the file, and brings it up to date where it can without
   * waiting. A reader who may not write is not told of it.
   */
  readonly looked: (current: () => State, changedSince?: ChangedSince) => Promise<void>
  /** Writes the file anew, also where it seems to be up to date; false: it could not be, and a notice said why. */
  readonly rewrite: (current: () => State) => Promise<boolean>
  /** Brings the file up to date if it is not, and stops. */
  readonly close: (current: () => State, changedSince?: ChangedSince) => Promise<void>
}

export type QueueFileOptions = {
  /** The workspace's directory. */
  readonly dir: string
  readonly log: EventLog<Event>
  readonly withLockFile: WithLockFile
  readonly notify: (notice: QueueFileNotice) => void
  /**
   * `each`: the file is up to date when a command answers. `coalesced`: about half a second after it, 5 s if the file is
   * larger than 4 MiB, and at close; for processes that run many commands.
   */
  readonly mode: 'each' | 'coalesced'
  /**
   * Has another process bring the file up to date within seconds, by a {@link queueFileRefresher}. Called if the file is
   * behind and larger than 4 MiB: writing it takes too long for a command to wait for. Must return at once, and may be
   * called in vain. None given: this process writes the file, up to 64 MiB.
   */
  readonly refreshElsewhere?: () => void
}

/** What is known of the changes, as {@link Refresh} takes it. */
type UpTo = { readonly changedSince?: ChangedSince; readonly enough?: number }

const coalesceMs = 500
const coalesceLargeMs = 5000

/** A writer for the `queue.json` of one workspace, safe beside those of other processes. */
export const queueFileWriter = (options: QueueFileOptions): QueueFileWriter => {
  const { notify, mode, refreshElsewhere } = options
  const maxSize = refreshElsewhere === undefined ? 'large' : 'small'
  const refreshing = { ...refreshingIn(options, notify), maxSize } as const
  const { file, sizeMark } = refreshing
  const refresh = queueFileRefresh(refreshing)
  const withoutWaiting = { ...refreshingIn(options, tellEdits(notify), 0), maxSize } as const
  const refreshQuietly = queueFileRefresh(withoutWaiting)
  const judge = queueFileRefresh({ ...withoutWaiting, writes: () => false })
  /** As it was seen last. */
  let size: QueueFileSize = 'small'

  /** Leaves a file that takes long to write to another process, or as it is, after a look whether it was edited. */
  const leave = async (current: () => State, { stampedSeq, identity }: Inspected): Promise<void> => {
    if (stampedSeq === undefined && identity !== undefined) await judge(current)
    if (size === 'huge') tellTooLarge(options.dir, refreshing, notify)
    else if (stampedSeq !== current().seq) refreshElsewhere?.()
  }

  /** Brings the file up to date by `write`, or leaves that to another process: the size says which. */
  const keepUp = (current: () => State, write: Refresh, tell: typeof notify, upTo: UpTo = {}): Promise<void> =>
    toldIfFailed(
      file.path,
      async () => {
        const inspected = file.inspect()
        size = expectedSize(inspected.bytes, sizeMark.read(), countOpen(current()))
        if (size === 'huge' || (size === 'large' && refreshElsewhere !== undefined)) return leave(current, inspected)
        if ((await write(current, upTo.changedSince, upTo.enough, inspected)) !== 'too large') return
        if (refreshElsewhere === undefined) tellTooLarge(options.dir, refreshing, notify)
        else refreshElsewhere()
      },
      tell,
    )

  /** Whether a change was to be written and was not yet. */
  let isBehind = false

  /** Nobody waits for what a timer does: a defect there must not end the process that uses us. */
  const tellDefect = (thrown: unknown): void => {
    // What a damaged checkpoint keeps from being written, the next command or closing makes up for.
    if (isCheckpointDamage(thrown)) isBehind = true
    else notify({ notice: 'QueueFileNotWritten', path: file.path, detail: String(thrown) })
  }

  const coalescing = coalescedRefresh(file)

  return {
    looked: async (current, changedSince) => {
      if (mode === 'each') await keepUp(current, refreshQuietly, tellEdits(notify), { changedSince })
    },
    rewrite: async current => {
      let written = true
      const tell = (notice: QueueFileNotice): void => {
        if (notice.notice === 'QueueFileNotWritten') written = false
        notify(notice)
      }
      await toldIfFailed(
        file.path,
        () => {
          if (derivedFolderProblem(options.dir) === undefined) file.forgetStamp()
          return queueFileRefresh({ ...refreshing, maxSize: 'huge', notify: tell })(current)
        },
        tell,
      )
      return written
    },
    changed: (current, changedSince) => {
      if (mode === 'each') return keepUp(current, refresh, notify, { changedSince })
      coalescing.soon(
        enough => keepUp(current, refresh, notify, { changedSince, enough }).catch(tellDefect),
        size === 'small' ? coalesceMs : coalesceLargeMs,
        () => current().seq,
      )
      return undefined
    },
    close: async (current, changedSince) => {
      if ((await coalescing.stop()) || isBehind) await keepUp(current, refresh, notify, { changedSince })
      else if (mode === 'coalesced' && isLeftBehind(file, current().seq))
        await keepUp(current, refreshQuietly, tellEdits(notify), { changedSince })
    },
  }
}

/** Whether whoever wrote to the log last was killed before it wrote the file, and nothing has changed since. */
const isLeftBehind = (file: Pick<QueueFileOnDisk, 'inspect'>, seq: number): boolean => {
  try {
    const { stampedSeq } = file.inspect()
    return stampedSeq !== undefined && stampedSeq < seq
  } catch {
    return false
  }
}

const tellEdits =
  (notify: (notice: QueueFileNotice) => void) =>
  (notice: QueueFileNotice): void => {
    if (notice.notice === 'QueueFileEdited' || notice.notice === 'LogWentBack') notify(notice)
  }

/** Says that the file is written on request only, once for each workspace. Whoever cannot take a note of it says nothing. */
const tellTooLarge = (
  dir: string,
  { file, sizeMark }: Pick<Refreshing, 'file' | 'sizeMark'>,
  notify: (notice: QueueFileNotice) => void,
): void => {
  const mark = sizeMark.read()
  if (mark?.size !== 'huge' || mark.told || derivedFolderProblem(dir) !== undefined) return
  sizeMark.write({ ...mark, told: true })
  notify({ notice: 'QueueFileTooLarge', path: file.path, maxBytes: maxBytesOf.large })
}

/** A command that was answered stays answered, whatever happens to a file that can be made again. */
const toldIfFailed = async (
  path: string,
  work: () => Promise<unknown>,
  tell: (notice: QueueFileNotice) => void,
): Promise<void> => {
  try {
    await work()
  } catch (thrown) {
    // Damage of the checkpoint has no code: whoever keeps the state has it read anew, and asks again.
    if (typeof (thrown as NodeJS.ErrnoException).code !== 'string') throw thrown
    tell({ notice: 'QueueFileNotWritten', path, detail: (thrown as Error).message })
  }
}
