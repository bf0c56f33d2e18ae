import type { QueueFileOnDisk } from './disk.ts'

/** One write of the file for many changes, of this process and of others. */
export type CoalescedRefresh = {
  /**
   * Schedules `refresh` in `delayMs`, unless a write is already scheduled or others have written the change by then;
   * and again after each further delay, while there is more to write. `seq` returns the last seq known to this process;
   * `refresh` receives the seq up to which the file must be written, because others may write it as well.
   */
  readonly schedule: (refresh: Refresh, delayMs: () => number, seq: () => number) => void
  /** Cancels a scheduled write for good and waits for a running one; false: the file has all changes. */
  readonly stop: () => Promise<boolean>
}

type Refresh = (targetSeq: number) => Promise<void>

/** `Due`: a write is scheduled. `isBehind`: the file lacks changes that no scheduled write will add. */
type RefreshSchedule =
  | { readonly _tag: 'Idle' }
  | { readonly _tag: 'Due'; readonly timer: NodeJS.Timeout }
  | { readonly _tag: 'Stopped'; readonly isBehind: boolean }

/** A file written more recently than this was written from the current log. */
const recentMsMax = 500

const idle: RefreshSchedule = { _tag: 'Idle' }
const stoppedBehind: RefreshSchedule = { _tag: 'Stopped', isBehind: true }

export const coalescedRefresh = (file: Pick<QueueFileOnDisk, 'inspect'>): CoalescedRefresh => {
  let schedule: RefreshSchedule = idle
  let runningRefresh: Promise<void> = Promise.resolve()

  const scheduleRefresh = (refresh: Refresh, delayMs: () => number, seq: () => number): void => {
    if (schedule._tag === 'Due') return
    if (schedule._tag === 'Stopped') {
      schedule = stoppedBehind
      return
    }
    const changedSeq = seq()
    const timer = setTimeout(() => {
      schedule = idle
      const lastWrittenSeq = writtenSeq(file, seq())
      if (lastWrittenSeq === undefined || lastWrittenSeq < changedSeq)
        runningRefresh = refreshAndContinue(refresh, delayMs, seq, changedSeq)
      else scheduleRest(refresh, delayMs, seq, lastWrittenSeq)
    }, delayMs())
    // Closing the workspace writes the file; waiting to write it must not keep a process alive.
    timer.unref()
    schedule = { _tag: 'Due', timer }
  }

  const refreshAndContinue = async (
    refresh: Refresh,
    delayMs: () => number,
    seq: () => number,
    changedSeq: number,
  ): Promise<void> => {
    await refresh(changedSeq)
    const lastWrittenSeq = writtenSeq(file, seq())
    // A failed write is not retried before something else has changed.
    if (lastWrittenSeq !== undefined && lastWrittenSeq >= changedSeq)
      scheduleRest(refresh, delayMs, seq, lastWrittenSeq)
  }

  /** Changes after `lastWrittenSeq` must be written as well. */
  const scheduleRest = (refresh: Refresh, delayMs: () => number, seq: () => number, lastWrittenSeq: number): void => {
    if (lastWrittenSeq < seq()) scheduleRefresh(refresh, delayMs, seq)
  }

  return {
    schedule: scheduleRefresh,
    stop: async () => {
      if (schedule._tag === 'Due') clearTimeout(schedule.timer)
      schedule = schedule._tag === 'Due' || isBehind(schedule) ? stoppedBehind : { _tag: 'Stopped', isBehind: false }
      await runningRefresh
      return isBehind(schedule)
    },
  }
}

const isBehind = (schedule: RefreshSchedule): boolean => schedule._tag === 'Stopped' && schedule.isBehind

/**
 * The seq up to which the file was written from this log, of which `knownSeq` is the last seq known here; undefined:
 * that needs a closer check.
 */
const writtenSeq = (file: Pick<QueueFileOnDisk, 'inspect'>, knownSeq: number): number | undefined => {
  try {
    const { stampedSeq, writtenAtMs } = file.inspect()
    if (stampedSeq === undefined || stampedSeq <= knownSeq) return stampedSeq
    // Another process knows more, unless the log was restored from a backup.
    const ageMs = Date.now() - writtenAtMs
    return ageMs >= 0 && ageMs < recentMsMax ? stampedSeq : undefined
  } catch {
    // The process that writes the file will report the problem.
    return undefined
  }
}
