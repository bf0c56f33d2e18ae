import type { QueueFileOnDisk } from './disk.ts'

/** One write of the file for many changes, of this process and of others. */
export type CoalescedRefresh = {
  /**
   * Schedules `refresh` in `delayMs`, unless a write is already scheduled or others have written the change by then;
   * and again after each further delay, while there is more to write. `seq` returns the last seq known to this process;
   * `refresh` receives the seq up to which the file must be written, because others may write it as well.
   */
  readonly soon: (refresh: Refresh, delayMs: () => number, seq: () => number) => void
  /** Cancels a scheduled write for good and waits for a running one; false: the file has all changes. */
  readonly stop: () => Promise<boolean>
}

type Refresh = (enough: number) => Promise<void>

/** `Due`: a write is scheduled. `isBehind`: the file lacks changes that no scheduled write will add. */
type Schedule =
  | { readonly _tag: 'Idle' }
  | { readonly _tag: 'Due'; readonly timer: NodeJS.Timeout }
  | { readonly _tag: 'Stopped'; readonly isBehind: boolean }

/** A file written more recently than this was written from the current log. */
const recentMs = 500

const idle: Schedule = { _tag: 'Idle' }
const stoppedBehind: Schedule = { _tag: 'Stopped', isBehind: true }

export const coalescedRefresh = (file: Pick<QueueFileOnDisk, 'inspect'>): CoalescedRefresh => {
  let schedule: Schedule = idle
  let atWork: Promise<void> = Promise.resolve()

  const soon = (refresh: Refresh, delayMs: () => number, seq: () => number): void => {
    if (schedule._tag === 'Due') return
    if (schedule._tag === 'Stopped') {
      schedule = stoppedBehind
      return
    }
    const changedAt = seq()
    const timer = setTimeout(() => {
      schedule = idle
      const written = writtenUpTo(file, seq())
      if (written === undefined || written < changedAt) atWork = refreshAndGoOn(refresh, delayMs, seq, changedAt)
      else goOn(refresh, delayMs, seq, written)
    }, delayMs())
    // Closing the workspace writes the file; waiting to write it must not keep a process alive.
    timer.unref()
    schedule = { _tag: 'Due', timer }
  }

  const refreshAndGoOn = async (
    refresh: Refresh,
    delayMs: () => number,
    seq: () => number,
    changedAt: number,
  ): Promise<void> => {
    await refresh(changedAt)
    const written = writtenUpTo(file, seq())
    // A failed write is not retried before something else has changed.
    if (written !== undefined && written >= changedAt) goOn(refresh, delayMs, seq, written)
  }

  /** Changes after `lastWrittenSeq` must be written as well. */
  const goOn = (refresh: Refresh, delayMs: () => number, seq: () => number, written: number): void => {
    if (written < seq()) soon(refresh, delayMs, seq)
  }

  return {
    soon,
    stop: async () => {
      if (schedule._tag === 'Due') clearTimeout(schedule.timer)
      schedule = schedule._tag === 'Due' || isBehind(schedule) ? stoppedBehind : { _tag: 'Stopped', isBehind: false }
      await atWork
      return isBehind(schedule)
    },
  }
}

const isBehind = (schedule: Schedule): boolean => schedule._tag === 'Stopped' && schedule.isBehind

/**
 * The seq up to which the file was written from this log, of which `knownSeq` is the last seq known here; undefined:
 * that needs a closer check.
 */
const writtenUpTo = (file: Pick<QueueFileOnDisk, 'inspect'>, known: number): number | undefined => {
  try {
    const { stampedSeq, writtenAtMs } = file.inspect()
    if (stampedSeq === undefined || stampedSeq <= known) return stampedSeq
    // Another process knows more, unless the log was restored from a backup.
    const ageMs = Date.now() - writtenAtMs
    return ageMs >= 0 && ageMs < recentMs ? stampedSeq : undefined
  } catch {
    // The process that writes the file will report the problem.
    return undefined
  }
}
