import type { QueueFileOnDisk } from './disk.ts'

/** One write of the file for many changes, of this process and of others. */
export type CoalescedRefresh = {
  /**
   * Has the file brought up to date by `refresh` in `delayMs`, unless that is coming already, or others have written the
   * change by then; and again after each further delay, while there is more to write. `seq` answers up to where this
   * process knows the log; `refresh` is told up to where the file must go, as others may be writing it.
   */
  readonly soon: (refresh: Refresh, delayMs: () => number, seq: () => number) => void
  /** Takes back what is coming and waits for what is at work, for good; false: the file has all changes. */
  readonly stop: () => Promise<boolean>
}

type Refresh = (enough: number) => Promise<void>

/** `Due`: a write is coming. `isBehind`: changes that the file does not have are nobody's to write any more. */
type Schedule =
  | { readonly _tag: 'Idle' }
  | { readonly _tag: 'Due'; readonly timer: NodeJS.Timeout }
  | { readonly _tag: 'Stopped'; readonly isBehind: boolean }

/** A file that was written less than so long ago was written from the log that there is. */
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
    // Closing the workspace writes the file; waiting to write it is no reason to keep a process alive.
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
    // What could not be written is not tried again before something else has changed.
    if (written !== undefined && written >= changedAt) goOn(refresh, delayMs, seq, written)
  }

  /** What was changed after `written` is to be written as well. */
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
 * Up to where the file was written from the log, of which `known` is the last seq that is known here; undefined: it has to
 * be looked at more closely.
 */
const writtenUpTo = (file: Pick<QueueFileOnDisk, 'inspect'>, known: number): number | undefined => {
  try {
    const { stampedSeq, writtenAtMs } = file.inspect()
    if (stampedSeq === undefined || stampedSeq <= known) return stampedSeq
    // Others know more, unless the log was put back to an earlier day.
    const ageMs = Date.now() - writtenAtMs
    return ageMs >= 0 && ageMs < recentMs ? stampedSeq : undefined
  } catch {
    // Whoever writes it will say what is wrong.
    return undefined
  }
}
