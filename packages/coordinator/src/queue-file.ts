import { type Event, maxOpenWrittenAtOnce, type State } from '@claimlog/domain'
import type { EventLog } from '@claimlog/event-log'
import { coalescedRefresh } from './coalesced-refresh.ts'
import type { ChangedSince } from './current-state.ts'
import { type QueueFileNotice, queueFileRefresh } from './queue-file-refresh.ts'
import { refreshingIn, type WithLockFile } from './queue-file-refresher.ts'

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
   * `each`: the file is up to date when a command answers. `coalesced`: about half a second after it, 5 s in a workspace
   * of more than 10,000 open tasks, and at close; for processes that run many commands.
   */
  readonly mode: 'each' | 'coalesced'
  /**
   * Has another process bring the file up to date within seconds, by a {@link queueFileRefresher}. Called where a
   * workspace has more than 10,000 open tasks and its file is behind: writing it takes too long for a command to wait for.
   * Must return at once, and may be called in vain. None given: this process writes the file, whatever its size.
   */
  readonly refreshElsewhere?: () => void
}

const coalesceMs = 500
const coalesceLargeMs = 5000

const isLarge = ({ table }: State): boolean => table.count('open', '') > maxOpenWrittenAtOnce

/** A writer for the `queue.json` of one workspace, safe beside those of other processes. */
export const queueFileWriter = (options: QueueFileOptions): QueueFileWriter => {
  const { notify, mode, refreshElsewhere } = options
  const refreshing = refreshingIn(options, notify)
  const { file } = refreshing
  const refresh = queueFileRefresh(refreshing)
  const withoutWaiting = refreshingIn(options, tellEdits(notify), 0)
  const refreshQuietly = queueFileRefresh(withoutWaiting)
  const judge = queueFileRefresh({ ...withoutWaiting, writes: () => false })

  /** A command that was answered stays answered, whatever happens to a file that can be made again. */
  const safely = async (work: () => Promise<unknown>, tell: typeof notify): Promise<void> => {
    try {
      await work()
    } catch (thrown) {
      if (typeof (thrown as NodeJS.ErrnoException).code !== 'string') throw thrown
      tell({ notice: 'QueueFileNotWritten', path: file.path, detail: (thrown as Error).message })
    }
  }

  /** Leaves a file that takes long to write to another process, after a look whether somebody has edited it. */
  const leaveElsewhere = (current: () => State, elsewhere: () => void): Promise<void> =>
    safely(async () => {
      const { stampedSeq, identity } = file.inspect()
      if (stampedSeq === undefined && identity !== undefined) await judge(current)
      if (stampedSeq !== current().seq) elsewhere()
    }, tellEdits(notify))

  const refreshSafely = (current: () => State, changedSince?: ChangedSince, enough?: number): Promise<void> =>
    refreshElsewhere !== undefined && isLarge(current())
      ? leaveElsewhere(current, refreshElsewhere)
      : safely(() => refresh(current, changedSince, enough), notify)

  const coalescing = coalescedRefresh(file)

  return {
    looked: async (current, changedSince) => {
      if (mode !== 'each') return
      if (refreshElsewhere !== undefined && isLarge(current())) await leaveElsewhere(current, refreshElsewhere)
      else await safely(() => refreshQuietly(current, changedSince), tellEdits(notify))
    },
    rewrite: async current => {
      let written = true
      const tell = (notice: QueueFileNotice): void => {
        if (notice.notice === 'QueueFileNotWritten') written = false
        notify(notice)
      }
      await safely(() => {
        file.forgetStamp()
        return queueFileRefresh({ ...refreshing, notify: tell })(current)
      }, tell)
      return written
    },
    changed: (current, changedSince) => {
      if (mode === 'each') return refreshSafely(current, changedSince)
      const ms = isLarge(current()) ? coalesceLargeMs : coalesceMs
      coalescing.soon(
        enough => refreshSafely(current, changedSince, enough),
        ms,
        () => current().seq,
      )
      return undefined
    },
    close: async (current, changedSince) => {
      if (coalescing.stop()) await refreshSafely(current, changedSince)
    },
  }
}

const tellEdits =
  (notify: (notice: QueueFileNotice) => void) =>
  (notice: QueueFileNotice): void => {
    if (notice.notice === 'QueueFileEdited') notify(notice)
  }
