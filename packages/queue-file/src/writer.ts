import { isCheckpointDamage } from '@claimlog/checkpoint/damage'
import { countOpen, type Event, type State } from '@claimlog/domain'
import type { EventLog } from '@claimlog/event-log'
import { coalescedRefresh } from './coalesced-refresh.ts'
import { checkDerivedFolder, type FileSnapshot, type QueueFileOnDisk, queueFileOnDisk } from './disk.ts'
import {
  type ChangedTasks,
  estimateSize,
  lockTimeoutMs,
  bytesMaxBySize,
  type RefreshPermissions,
  type QueueFileNotice,
  type QueueFileSize,
  refresh,
  type RefreshRequest,
} from './refresh.ts'

/**
 * Keeps `queue.json` in step with the log. `current` returns the current state, and `changedTasks` the tasks that have
 * changed: then our own file is updated instead of made from scratch.
 */
export type QueueFileWriter = {
  /** Call after the state has changed: updates the file, at once or, when coalescing, soon. */
  readonly refreshAfterCommand: (current: () => State, changedTasks?: ChangedTasks) => Promise<void> | undefined
  /**
   * Call after a query: reports an edit of the file, and updates it if that is possible without waiting. A reader
   * without write permission gets no notice. When coalescing, does nothing.
   */
  readonly refreshIfStale: (current: () => State, changedTasks?: ChangedTasks) => Promise<void>
  /** Writes the file from scratch, even if it seems up to date; false: that failed, and a notice said why. */
  readonly rewrite: (current: () => State) => Promise<boolean>
  /** Updates the file if it is stale, and stops. */
  readonly close: (current: () => State, changedTasks?: ChangedTasks) => Promise<void>
}

export type QueueFileOptions = {
  /** The workspace's directory. */
  readonly dir: string
  readonly log: EventLog<Event>
  readonly notify: (notice: QueueFileNotice) => void
  /**
   * `each`: the file is up to date when a command returns. `coalesced`: about half a second later, 5 s if the file is
   * larger than 4 MiB, and at close; for processes that run many commands.
   */
  readonly mode: 'each' | 'coalesced'
  /**
   * Has another process update the file within seconds, with `keepRefreshing`. Called if the file is stale and larger
   * than 4 MiB: writing it takes too long for a command to wait for. Must return or resolve soon: closing waits for it.
   * Default: this process writes the file, up to 64 MiB.
   */
  readonly refreshElsewhere?: () => void | Promise<void>
}

const coalesceMs = 500
const coalesceLargeMs = 5000

/** A writer for the `queue.json` of one workspace, safe with writers of other processes. */
export const openQueueFile = ({ dir, log, notify, mode, refreshElsewhere }: QueueFileOptions): QueueFileWriter => {
  const file = queueFileOnDisk(dir)
  const queueFile = { dir, file, log }
  const sizeMax = refreshElsewhere === undefined ? 'large' : 'small'
  const commandPermissions: RefreshPermissions = { lockTimeoutMs, sizeMax, writes: true, keepsEdits: true, notify }
  const queryPermissions: RefreshPermissions = { ...commandPermissions, lockTimeoutMs: 0, notify: filterEdits(notify) }
  const coalescer = mode === 'coalesced' ? coalescedRefresh(file) : undefined
  /** The size at the last check. */
  let size: QueueFileSize = 'small'
  /** True if a change is still to be written. */
  let isBehind = false

  /**
   * Reports once per workspace that the file is written on request only. A process that cannot record that reports
   * nothing.
   */
  const notifyTooLarge = (): void => {
    const mark = file.readSizeMark()
    if (mark?.size !== 'huge' || mark.isNotified || checkDerivedFolder(dir) !== undefined) return
    file.markSize({ ...mark, isNotified: true })
    notify({ notice: 'QueueFileTooLarge', path: file.path, maxBytes: bytesMaxBySize.large })
  }

  /** Leaves a file that takes long to write to another process, or unchanged, after a check for edits. */
  const leaveStale = async (current: () => State, { stampedSeq, identity }: FileSnapshot): Promise<void> => {
    if (stampedSeq === undefined && identity !== undefined)
      await refresh(queueFile, { ...queryPermissions, writes: false }, { current })
    if (size === 'huge') notifyTooLarge()
    else if (stampedSeq !== current().seq) await refreshElsewhere?.()
  }

  /** Updates the file, or leaves that to another process, depending on its size. */
  const refreshBySize = (permissions: RefreshPermissions, request: RefreshRequest): Promise<void> =>
    reportFailure(file.path, permissions.notify, async () => {
      const inspected = file.inspect()
      size = estimateSize(inspected.bytes, file.readSizeMark(), countOpen(request.current()))
      if (size === 'huge' || (size === 'large' && refreshElsewhere !== undefined))
        return leaveStale(request.current, inspected)
      if ((await refresh(queueFile, permissions, { ...request, inspected })) !== 'too large') return
      if (refreshElsewhere === undefined) notifyTooLarge()
      else await refreshElsewhere()
    })

  /** No caller awaits a timer: a defect there must not end the process that uses the library. */
  const notifyDefect = (thrown: unknown): void => {
    // The next command, or closing, writes what a damaged checkpoint prevented.
    if (isCheckpointDamage(thrown)) isBehind = true
    else notify({ notice: 'QueueFileNotWritten', path: file.path, detail: String(thrown) })
  }

  return {
    refreshAfterCommand: (current, changedTasks) => {
      if (coalescer === undefined) return refreshBySize(commandPermissions, { current, changedTasks })
      coalescer.schedule(
        targetSeq => refreshBySize(commandPermissions, { current, changedTasks, targetSeq }).catch(notifyDefect),
        () => (size === 'small' ? coalesceMs : coalesceLargeMs),
        () => current().seq,
      )
      return undefined
    },
    refreshIfStale: async (current, changedTasks) => {
      if (coalescer === undefined) await refreshBySize(queryPermissions, { current, changedTasks })
    },
    rewrite: async current => {
      let isWritten = true
      const notifyAndRecord = (notice: QueueFileNotice): void => {
        if (notice.notice === 'QueueFileNotWritten') isWritten = false
        notify(notice)
      }
      await reportFailure(file.path, notifyAndRecord, () => {
        if (checkDerivedFolder(dir) === undefined) file.forgetStamp()
        return refresh(queueFile, { ...commandPermissions, sizeMax: 'huge', notify: notifyAndRecord }, { current })
      })
      return isWritten
    },
    close: async (current, changedTasks) => {
      if (coalescer === undefined) return
      if ((await coalescer.stop()) || isBehind) await refreshBySize(commandPermissions, { current, changedTasks })
      else if (isLastWriterDead(file, current().seq)) await refreshBySize(queryPermissions, { current, changedTasks })
    },
  }
}

/** True if the last writer of the log was killed before it wrote the file, and nothing has changed since. */
const isLastWriterDead = (file: Pick<QueueFileOnDisk, 'inspect'>, seq: number): boolean => {
  try {
    const { stampedSeq } = file.inspect()
    return stampedSeq !== undefined && stampedSeq < seq
  } catch {
    return false
  }
}

const filterEdits =
  (notify: (notice: QueueFileNotice) => void) =>
  (notice: QueueFileNotice): void => {
    if (notice.notice === 'QueueFileEdited' || notice.notice === 'LogWentBack') notify(notice)
  }

/** A command stays successful, whatever happens to a file that can be rebuilt. */
const reportFailure = async (
  path: string,
  notify: (notice: QueueFileNotice) => void,
  body: () => Promise<unknown>,
): Promise<void> => {
  try {
    await body()
  } catch (thrown) {
    // Checkpoint damage has no code: the owner of the state reloads it, and tries again.
    if (typeof (thrown as NodeJS.ErrnoException).code !== 'string') throw thrown
    notify({ notice: 'QueueFileNotWritten', path, detail: (thrown as Error).message })
  }
}
